// Buttons inside of what the server wrote: each tells the server its value, by a field that nobody sees.
"use strict";
let pressed = 0;
document.addEventListener("click", (event) => {
  const found = event.target instanceof Element && event.target.closest(".act");
  if (!found) return;
  event.preventDefault();
  const value = found.getAttribute("value") ?? found.getAttribute("href").slice(1);
  if (value === "copy/") {
    navigator.clipboard.writeText(found.closest("article").querySelector(".said").innerText).then(() => {
      found.textContent = "✓";
    });
    return;
  }
  const field = document.querySelector("#act textarea, #act input");
  field.value = `${(pressed += 1)}/${value}`; // pressed twice is told twice
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
