class Parser: pass
