"""Batch runs: files in, files out, on top of `imagewire.batch`.

`plan` says what a run reads and writes, `job` is the run, `files` and `lock` are what it has open,
`journal` and `ids` what it remembers, `pool` its worker processes, `chunk` what these hand over.
"""
