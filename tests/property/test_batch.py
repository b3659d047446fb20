"""A packed batch is read back byte for byte, whatever its records hold."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bus.log.batch import Block, header_names, pack, unpack
from bus.ports import Record

values = st.binary(max_size=40) | st.sampled_from([b"", b"\0", b"a\0b", b"same"])
names = st.sampled_from(["ce_id", "ce_type", "ce_unit", "Ünit"])
headers = st.lists(st.tuples(names, values), max_size=4).map(tuple)
one = st.builds(Record.of, st.none() | values, st.none() | values, headers)
many = st.lists(one, max_size=20) | st.builds(lambda record, times: [record] * times, one, st.integers(1, 20))


@given(many)
def test_unpack_is_the_inverse_of_pack(records):
    assert unpack(pack(records)) == records


@given(many)
def test_header_names_are_those_of_the_records(records):
    assert header_names(pack(records)) == {name for record in records for name, _ in record.headers}


@given(many)
def test_a_block_is_the_sequence_of_its_records(records):
    block = Block.of(records)
    assert len(block) == len(records)
    assert list(block) == records
    assert block[: len(records) // 2] == records[: len(records) // 2]
