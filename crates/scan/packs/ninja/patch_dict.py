class PatchDict(dict): pass
