# One image for all services of compose.yaml. docs/page.md says how to run it, and what of it was tried.
FROM python:3.11.14-slim-bookworm AS build
RUN pip install --no-cache-dir uv==0.13.9
ENV UV_NO_CACHE=1 UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock README.md LICENSE ./
RUN uv sync --frozen --no-dev --extra spark --no-install-project
COPY conf conf
COPY rag/prompts rag/prompts
COPY dangol dangol
RUN uv sync --frozen --no-dev --extra spark --no-editable
# Spark's jars come into the image: the running container writes nothing but /data and /tmp
ENV XDG_CACHE_HOME=/app/cache PATH=/app/.venv/bin:$PATH
RUN dangol setup

FROM python:3.11.14-slim-bookworm
RUN groupadd --gid 10001 dangol \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp dangol \
    && install --directory --owner=10001 --group=10001 --mode=700 /data
COPY --from=build /app /app
ENV XDG_CACHE_HOME=/app/cache PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOME=/tmp MPLCONFIGDIR=/tmp/matplotlib DANGOL_STORE__PATH=/data/store
WORKDIR /tmp
USER 10001:10001
VOLUME /data
ENTRYPOINT ["dangol"]
CMD ["page"]
