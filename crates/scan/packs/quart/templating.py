async def render_template(template_name_or_list, **context): return __text_of__(context)
async def render_template_string(source, **context): return __text_of__(context)
async def stream_template(template_name_or_list, **context): return __unknown__("a page")
