"""What opens strangers' files. It runs in a process of its own and knows nothing of the project.

Only the standard library, pypdf and Pillow are imported here: the process starts in 0.1 to 0.4 s.
"""

READY = b"ready\n"  # the first line of the answer: limits are set, libraries are there
