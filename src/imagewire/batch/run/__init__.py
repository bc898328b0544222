"""Batch runs: files in, files out, on top of `imagewire.batch`.

`plan` says what a run reads and writes, `job` is the run, `files`, `outputs` and `lock` are what it
has open, `ledger` says which lines are in which file, `journal` and `ids` are what it remembers,
`pool` its worker processes, `chunk` what these hand over.
"""
