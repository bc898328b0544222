"""Batch runs: files in, files out, on top of `imagewire.batch`.

`job` is the run, `files` what it reads and writes, `journal` what it remembers, `pool` the
processes that share it, `chunk` what these give one another.
"""
