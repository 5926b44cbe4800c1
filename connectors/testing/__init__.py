"""Conformance: what the port promises, as tests a connector's author inherits.

Subclass ``SourceSuite``, ``DestinationSuite`` or ``TwoWaySuite`` and give it a fixture
``backstage``: a ``Backstage`` with its own empty place, which can look at and change the
items behind the connector's back. Everything else is here. Public: third parties use it
for their own connectors (CONTRIBUTING.md shows one in 60 lines). Needs pytest.
"""

from connectors.testing.bench import Backstage, context
from connectors.testing.destination import DestinationSuite
from connectors.testing.source import SourceSuite
from connectors.testing.two_way import TwoWaySuite

__all__ = ["Backstage", "DestinationSuite", "SourceSuite", "TwoWaySuite", "context"]
