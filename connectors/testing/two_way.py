"""What a place promises that is source and destination at once, as tests."""
# ruff: noqa: S101 - these are tests: they assert

from __future__ import annotations

from connectors.base import (
    Item,
    Place,
)
from connectors.testing.bench import Backstage, listing
from connectors.testing.destination import DestinationSuite
from connectors.testing.source import SourceSuite


class TwoWaySuite(SourceSuite, DestinationSuite):
    """What a place promises that is source and destination at once."""

    def test_the_manifest_admits_two_ways(self, place: Place) -> None:
        said = place.manifest
        assert said.incremental
        assert said.deletions
        assert said.conditional

    def test_own_writes_are_seen_with_their_revision(self, place: Place) -> None:
        here, home = self.ensured(place)
        refs = self.created(here, home, 3)
        found = listing(place, home).present
        assert set(found) == {ref.id for ref in refs}
        assert all(None in (ref.revision, found[ref.id].revision) or ref == found[ref.id] for ref in refs)

    def test_what_was_put_comes_back(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        refs = self.created(here, home, 3)
        got = {answer.ref.id: answer.body for answer in here.fetch(home, refs) if isinstance(answer, Item)}
        assert got == backstage.bodies(home.id)

    def test_own_removals_are_missed(self, place: Place) -> None:
        here, home = self.ensured(place)
        refs = self.created(here, home, 2)
        before = listing(place, home)
        list(here.remove(home, refs[:1]))
        after = listing(place, home, before.cursor)
        assert after.misses(refs[0].id)
        assert not after.misses(refs[1].id) or not after.full

    def test_an_edit_after_an_own_write_is_seen(self, place: Place, backstage: Backstage) -> None:
        here, home = self.ensured(place)
        (ref,) = self.created(here, home)
        before = listing(place, home)
        backstage.change(home.id, ref.id, self.make_body(0, 7))
        after = listing(place, home, before.cursor).present[ref.id]
        assert after.revision is None or after.revision not in (ref.revision, before.present[ref.id].revision)
