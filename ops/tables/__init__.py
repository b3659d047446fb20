"""Views as CSV tables with a data dictionary, as Satu Data Indonesia asks: standard, metadata, reference codes.

Source: Perpres 39/2019 art. 3 to 10. What tables, columns and codes there are is data, in the CSV files beside.
"""

from ops.tables.declared import WITHHELD, Column, Table, codes, dictionary_rows, tables
from ops.tables.write import TableFiles, write_dictionary

__all__ = ["WITHHELD", "Column", "Table", "TableFiles", "codes", "dictionary_rows", "tables", "write_dictionary"]
