def gzip_page(view_func): return view_func
