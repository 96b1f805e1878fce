class HookspecMarker:
    def __init__(self, project_name):
        self.project_name = project_name

    def __call__(self, function=None, firstresult=False, historic=False, warn_on_impl=None, warn_on_impl_args=None):
        def mark(function):
            setattr(function, self.project_name + "_spec", {"firstresult": firstresult, "historic": historic})
            return function
        return mark if function is None else mark(function)


class HookimplMarker:
    def __init__(self, project_name):
        self.project_name = project_name

    def __call__(self, function=None, hookwrapper=False, optionalhook=False, tryfirst=False, trylast=False, specname=None, wrapper=False):
        options = {"wrapper": wrapper or hookwrapper, "tryfirst": tryfirst, "trylast": trylast, "specname": specname}

        def mark(function):
            setattr(function, self.project_name + "_impl", options)
            return function
        return mark if function is None else mark(function)


class HookImpl:
    def __init__(self, plugin, plugin_name, function, options):
        self.plugin = plugin
        self.plugin_name = plugin_name
        self.function = function
        self.opts = options
        self.tryfirst = options.get("tryfirst", False)
        self.trylast = options.get("trylast", False)
        self.argnames = [name for name, kind, default, annotation in __signature_of__(function)]

    def _called(self, given):
        return self.function(**{name: given[name] for name in self.argnames if name in given})


class HookCaller:
    """A hook: those who were registered last are called first, within `tryfirst`, neither, and `trylast`."""

    def __init__(self, manager, name):
        self.name = name
        self.manager = manager
        self.first, self.plain, self.last = [], [], []
        self.wrappers = []
        self.options = {}
        self.history = []

    def get_hookimpls(self):
        return self.last + self.plain + self.first + self.wrappers

    def has_spec(self):
        return bool(self.options)

    def _add(self, implementation):
        if implementation.opts.get("wrapper"):
            self.wrappers.append(implementation)
        elif implementation.tryfirst:
            self.first.append(implementation)
        elif implementation.trylast:
            self.last.append(implementation)
        else:
            self.plain.append(implementation)
        for given, callback in self.history:
            _answer(callback, implementation._called(given))

    def _remove(self, plugin):
        for listed in (self.first, self.plain, self.last, self.wrappers):
            listed[:] = [each for each in listed if each.plugin is not plugin]

    def __call__(self, **given):
        if self.manager._unseen:
            _tell(self.manager._unseen, self.name, given)
        # What stands around the others begins before them, and may hand out what they are given.
        for wrapper in reversed(self.wrappers):
            for begun in wrapper._called(given):
                break
        found = []
        for implementation in reversed(self.last + self.plain + self.first):
            answer = implementation._called(given)
            if answer is not None:
                if self.options.get("firstresult"):
                    return answer
                found.append(answer)
        return None if self.options.get("firstresult") else found

    def call_extra(self, methods, kwargs):
        extra = [HookImpl(None, "<temp>", method, {}) for method in methods]
        self.plain = self.plain + extra
        answer = self(**kwargs)
        self.plain = [each for each in self.plain if each not in extra]
        return answer

    def call_historic(self, result_callback=None, kwargs=None, proc=None):
        given = kwargs or {}
        callback = result_callback or proc
        self.history.append((given, callback))
        for answer in self(**given) or []:
            _answer(callback, answer)


def _answer(callback, answer):
    if callback is not None and answer is not None:
        callback(answer)


def _tell(unseen, hook, given):
    """What a plugin that is not seen is given an application in may add routes to it."""
    for handed in given.values():
        if hasattr(handed, "register_blueprint") or hasattr(handed, "include_router"):
            __gap__("unresolved-router", f"plugins that {unseen[0]} may add routes in the hook `{hook}`")


class HookRelay:
    def __init__(self, manager):
        self._manager = manager

    def __getattr__(self, name):
        return self._manager._hook(name)


class PluginManager:
    def __init__(self, project_name, implprefix=None):
        self.project_name = project_name
        self.hook = HookRelay(self)
        self._hooks = {}
        self._name2plugin = {}
        self._plugin_distinfo = []
        self._unseen = []

    def _hook(self, name):
        if name not in self._hooks:
            self._hooks[name] = HookCaller(self, name)
        return self._hooks[name]

    def parse_hookimpl_opts(self, plugin, name):
        function = getattr(plugin, name)
        return getattr(function, self.project_name + "_impl", None) if __is_function__(function, False) else None

    def parse_hookspec_opts(self, module_or_class, name):
        return getattr(getattr(module_or_class, name), self.project_name + "_spec", None)

    def register(self, plugin, name=None):
        plugin_name = name or self.get_canonical_name(plugin)
        if __kind_of__(plugin) == "unknown":
            self._unseen.append("other packages bring")
            return plugin_name
        if plugin_name in self._name2plugin:
            if self._name2plugin[plugin_name] is None:
                return None
            raise ValueError("a plugin is registered twice")
        self._name2plugin[plugin_name] = plugin
        for attribute in __names_of__(plugin):
            options = self.parse_hookimpl_opts(plugin, attribute)
            if isinstance(options, dict):
                implementation = HookImpl(plugin, plugin_name, getattr(plugin, attribute), options)
                self._hook(options.get("specname") or attribute)._add(implementation)
        return plugin_name

    def unregister(self, plugin=None, name=None):
        if name is None:
            name = self.get_name(plugin)
        if plugin is None:
            plugin = self.get_plugin(name)
        self._name2plugin.pop(name, None)
        for hook in self._hooks.values():
            hook._remove(plugin)
        return plugin

    def add_hookspecs(self, module_or_class):
        for name in __names_of__(module_or_class):
            options = self.parse_hookspec_opts(module_or_class, name)
            if isinstance(options, dict):
                self._hook(name).options = options

    def set_blocked(self, name):
        # Which name is blocked is what data decides where it is not known.
        if __kind_of__(name) == "text" and self.unregister(name=name) is None:
            self._name2plugin[name] = None

    def unblock(self, name):
        self._name2plugin.pop(name, None)

    def is_blocked(self, name):
        return name in self._name2plugin and self._name2plugin[name] is None

    def get_canonical_name(self, plugin):
        return getattr(plugin, "__name__", None) or f"{type(plugin).__name__} {len(self._name2plugin)}"

    def get_plugin(self, name): return self._name2plugin.get(name)
    def has_plugin(self, name): return self.get_plugin(name) is not None
    def is_registered(self, plugin): return self.get_name(plugin) is not None
    def get_plugins(self): return {plugin for plugin in self._name2plugin.values() if plugin is not None}
    def list_name_plugin(self): return list(self._name2plugin.items())
    def list_plugin_distinfo(self): return list(self._plugin_distinfo)
    def check_pending(self): pass
    def add_hookcall_monitoring(self, before, after): return lambda: None
    def enable_tracing(self): return lambda: None

    def get_name(self, plugin):
        for name, registered in self._name2plugin.items():
            if registered is plugin:
                return name

    def get_hookcallers(self, plugin):
        return [hook for hook in self._hooks.values() if any(each.plugin is plugin for each in hook.get_hookimpls())]

    def subset_hook_caller(self, name, remove_plugins):
        whole = self._hook(name)
        part = HookCaller(self, name)
        part.options = whole.options
        for implementation in whole.get_hookimpls():
            if implementation.plugin not in remove_plugins:
                part._add(implementation)
        return part

    def load_setuptools_entrypoints(self, group, name=None):
        """What other packages bring is not seen; what the project itself declares is."""
        from importlib.metadata import entry_points
        self._unseen.append(f"other packages bring (entry points of the group `{group}`)")
        loaded = 0
        for entry in entry_points(group=group, name=name):
            if self.get_plugin(entry.name) is None and not self.is_blocked(entry.name):
                self.register(entry.load(), name=entry.name)
                loaded += 1
        return loaded


class PluginValidationError(Exception): pass
class HookCallError(Exception): pass
class Result: pass
