"""The command line: parse, call a service, print, exit code. The same verbs as the window (FORMATS)."""
