"""Batch runs: files in, files out, on top of `imagewire.batch`.

`job` is the run, `files` what it reads and writes, `journal` what it remembers, `pool` its worker
processes, `chunk` what these hand over.
"""
