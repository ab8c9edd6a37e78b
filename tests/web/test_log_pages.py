"""An auditor reads the log and takes it home, where it verifies without this system."""

import html
from pathlib import Path

import pytest

from compliance.ledger.verify import Unreadable, verify_bundle
from tests.web.visiting import House, Page


def test_the_downloaded_log_verifies_and_a_changed_copy_does_not(house: House, tmp_path: Path) -> None:
    house.world.dispensed("adult_frp")
    visitor = house.visitor("auditor")
    answer = visitor.send("/log", to="/export")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    file = tmp_path / "log.zip"
    file.write_bytes(answer.data)
    answer.close()
    key = house.world.app.log.vkey
    report = verify_bundle(str(file), key)
    assert report.ok, report
    assert int(answer.headers["X-Log-Size"]) == len(house.world.entries())
    assert house.world.newest()["type"] == "log.exported"
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 2] ^= 1
    file.write_bytes(changed)
    with pytest.raises(Unreadable):
        verify_bundle(str(file), key)
    assert html.escape(key) in visitor.get("/log/verify").text


def test_the_log_is_read_page_by_page_to_its_first_entry(house: House) -> None:
    house.world.dispensed("adult_frp")
    house.world.dispensed("adult_frp")
    visitor = house.visitor("auditor")
    seen: list[str] = []
    path = "/log"
    while path:
        page = visitor.page(path)
        seen += [link for link in page.links if link.rpartition("/")[2].isdigit()]
        older = [link for link in page.links if "from=" in link]
        path = older[0] if "Older entries" in (visitor.last.text if visitor.last else "") else ""
    assert set(seen) >= {f"/log/{idx}" for idx in range(len(house.world.entries()) - 3)}
    text = visitor.get("/log/0").text
    assert "As it was signed" in text
    assert "c2sp.org/tlog-proof@v1" in text


@pytest.mark.parametrize("asked", ["-1", "x", "9" * 30, "²", "1e3", "\x00"])
def test_a_page_of_the_log_that_is_not_there_is_the_newest(shared_house: House, asked: str) -> None:
    response = shared_house.visitor("auditor").client.get("/log", query_string={"from": asked})
    assert response.status_code == 200
    assert "Entries, newest first" in response.text


@pytest.mark.parametrize("idx", ["999999", "9" * 40])
def test_an_entry_that_is_not_there_is_not_found(shared_house: House, idx: str) -> None:
    assert shared_house.visitor("auditor").get(f"/log/{idx}").status_code == 404


def test_no_page_of_the_log_names_a_patient(house: House) -> None:
    house.world.dispensed("adult_frp")
    visitor = house.visitor("auditor")
    for link in (link for link in Page(visitor.get("/log").text).links if link.startswith("/log/")):
        text = visitor.get(link).text
        assert "Okoye" not in text, link
        # Whole dates: bare digits of a year also turn up in random ids and hashes.
        assert "1990-05-17" not in text, link
        assert "17 May 1990" not in text, link
