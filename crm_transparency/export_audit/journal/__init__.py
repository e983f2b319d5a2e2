"""The journal: where bulk reads are written before they are answered, on their way to the ledger.

Reading 500 rows takes some ten milliseconds. Adding an entry to the ledger and waiting until the database has it on its
disk would take a third of that again, so a read is appended to a file first (`writing`), and the file's lines are moved
to the ledger in the background, or at once when somebody is about to look at the ledger (`moving`).

A line that can't be written keeps the read from being answered, as with any other export. What is written survives the
end of any process, that of the web server and the database included. It isn't forced to the disk: if the whole machine
loses its power, reads of the last seconds that weren't moved yet may be missing.
"""
