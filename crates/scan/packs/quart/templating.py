from flask.helpers import render_template as _render


async def render_template(template_name_or_list, **context): return _render(template_name_or_list, **context)
async def render_template_string(source, **context): return __text_of__(context)
async def stream_template(template_name_or_list, **context): return _render(template_name_or_list, **context)
