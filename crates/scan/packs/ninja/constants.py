class NOT_SET_TYPE: pass


NOT_SET = NOT_SET_TYPE()
