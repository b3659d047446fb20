"""The store: tables and the little SQL of each room. SQLAlchemy stays in here."""

from bus.store.database import Store, Tx, store_url
from bus.store.schema_ids import open_codec, registered

__all__ = ["Store", "Tx", "open_codec", "registered", "store_url"]
