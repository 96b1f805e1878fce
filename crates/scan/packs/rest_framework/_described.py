"""What views take and answer, as JSON Schema: a class in the place of a schema stands for that serializer's."""
from django.db import models
from rest_framework import fields, mixins, relations, serializers
from rest_framework.generics import GenericAPIView

_OF_FIELD = [
    (fields.EmailField, {"type": "string", "format": "email"}),
    (fields.URLField, {"type": "string", "format": "uri"}),
    (fields.UUIDField, {"type": "string", "format": "uuid"}),
    (fields.SlugField, {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}),
    (fields.IPAddressField, {"type": "string"}),
    (fields.RegexField, {"type": "string"}),
    (fields.CharField, {"type": "string"}),
    (fields.BooleanField, {"type": "boolean"}),
    (fields.NullBooleanField, {"type": ["boolean", "null"]}),
    (fields.IntegerField, {"type": "integer"}),
    (fields.FloatField, {"type": "number"}),
    (fields.DecimalField, {"type": "string", "format": "decimal"}),
    (fields.DateTimeField, {"type": "string", "format": "date-time"}),
    (fields.DateField, {"type": "string", "format": "date"}),
    (fields.TimeField, {"type": "string", "format": "time"}),
    (fields.DurationField, {"type": "string"}),
    (fields.FileField, {"type": "string", "format": "binary"}),
    (fields.ImageField, {"type": "string", "format": "binary"}),
    (fields.FilePathField, {"type": "string"}),
    (fields.DictField, {"type": "object"}),
    (fields.HStoreField, {"type": "object"}),
    (relations.HyperlinkedRelatedField, {"type": "string", "format": "uri"}),
    (relations.SlugRelatedField, {"type": "string"}),
    (relations.StringRelatedField, {"type": "string"}),
]

_OF_COLUMN = [
    (models.EmailField, {"type": "string", "format": "email"}),
    (models.URLField, {"type": "string", "format": "uri"}),
    (models.UUIDField, {"type": "string", "format": "uuid"}),
    (models.SlugField, {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$"}),
    (models.CharField, {"type": "string"}),
    (models.TextField, {"type": "string"}),
    (models.BooleanField, {"type": "boolean"}),
    (models.NullBooleanField, {"type": ["boolean", "null"]}),
    (models.PositiveIntegerField, {"type": "integer", "minimum": 0}),
    (models.PositiveSmallIntegerField, {"type": "integer", "minimum": 0}),
    (models.PositiveBigIntegerField, {"type": "integer", "minimum": 0}),
    (models.IntegerField, {"type": "integer"}),
    (models.BigIntegerField, {"type": "integer"}),
    (models.SmallIntegerField, {"type": "integer"}),
    (models.AutoField, {"type": "integer"}),
    (models.BigAutoField, {"type": "integer"}),
    (models.SmallAutoField, {"type": "integer"}),
    (models.FloatField, {"type": "number"}),
    (models.DecimalField, {"type": "string", "format": "decimal"}),
    (models.DateTimeField, {"type": "string", "format": "date-time"}),
    (models.DateField, {"type": "string", "format": "date"}),
    (models.TimeField, {"type": "string", "format": "time"}),
    (models.DurationField, {"type": "string"}),
    (models.FileField, {"type": "string", "format": "binary"}),
    (models.ImageField, {"type": "string", "format": "binary"}),
    (models.FilePathField, {"type": "string"}),
    (models.GenericIPAddressField, {"type": "string"}),
]

_MADE_BY_DATABASE = (models.AutoField, models.BigAutoField, models.SmallAutoField, models.GeneratedField)
_BOUNDS = [("max_length", "maxLength"), ("min_length", "minLength"), ("max_value", "maximum"), ("min_value", "minimum")]


def _known(table, field):
    for kind, schema in table:
        if isinstance(field, kind):
            return dict(schema)
    return {}


def _with_options(schema, options):
    """What the options of a field say of its values."""
    for option, keyword in _BOUNDS:
        if __kind_of__(options.get(option)) == "constant" and options.get(option) is not None:
            schema[keyword] = options[option]
    choices = options.get("choices")
    if __kind_of__(choices) in ("list", "tuple") and len(choices) > 0:
        schema["enum"] = [choice[0] if __kind_of__(choice) in ("list", "tuple") else choice for choice in choices]
    if options.get("allow_null") is True or options.get("null") is True:
        if __kind_of__(schema.get("type")) == "text":
            schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = schema["enum"] + [None]
    return schema


def _schema_of(cls):
    """The schema of a class of serializers."""
    properties, required = {}, []
    meta = getattr(cls, "Meta", None)
    model = getattr(meta, "model", None) if issubclass(cls, serializers.ModelSerializer) else None
    declared = _declared(cls)
    chosen, how = _chosen(meta, model, declared)
    read_only = getattr(meta, "read_only_fields", ()) if model is not None else ()
    more = getattr(meta, "extra_kwargs", {}) if model is not None else {}
    for name in chosen:
        schema, options = _of_declared(declared[name]) if name in declared else _of_column(model, name)
        if schema is None:
            continue
        options = dict(options)
        if name not in declared:
            extra = more.get(name, {}) if __kind_of__(more) == "dict" else {}
            if __kind_of__(extra) == "dict":
                options.update(extra)
                schema = _with_options(schema, extra)
            if __kind_of__(read_only) in ("list", "tuple") and name in read_only:
                options["read_only"] = True
        if options.get("read_only") is True:
            schema["readOnly"] = True
        elif _is_required(options):
            required.append(name)
        if options.get("write_only") is True:
            schema["writeOnly"] = True
        properties[name] = schema
    made = {"type": "object", "properties": properties}
    if required:
        made["required"] = required
    source = {"serializer": cls.__module__ + "." + cls.__name__, "fields": how}
    if __kind_of__(model) == "class":
        source["model"] = model.__module__ + "." + model.__name__
    made["x-doorward-source"] = source
    return made


def _is_required(options):
    said = options.get("required")
    if said is True or said is False:
        return said
    return "default" not in options


def _declared(cls):
    found = {}
    for name in __names_of__(cls):
        value = getattr(cls, name)
        if isinstance(value, fields.Field):
            found[name] = value
    return found


def _chosen(meta, model, declared):
    """The names of the fields, and how they are chosen: all of a model, all but some, those that are listed or declared."""
    if model is None:
        return list(declared), "declared"
    listed = getattr(meta, "fields", None)
    left_out = getattr(meta, "exclude", None)
    if __kind_of__(listed) in ("list", "tuple"):
        return [name for name in listed if __kind_of__(name) == "text"], "listed"
    everything = list(declared) + [name for name in _columns(model) if name not in declared]
    if __kind_of__(left_out) in ("list", "tuple"):
        return [name for name in everything if name not in left_out], "exclude"
    return everything, "__all__" if listed == "__all__" else "unknown"


def _columns(model):
    if __kind_of__(model) != "class":
        return []
    names = [name for name in __names_of__(model) if isinstance(getattr(model, name), models.Field)]
    keyed = any(getattr(model, name).options.get("primary_key") is True for name in names)
    return names if keyed or "id" in names else ["id"] + names


def _key_of(model):
    """The schema of the key of a model."""
    if __kind_of__(model) == "text":
        model = models._model_named(model)
    if __kind_of__(model) == "class":
        for name in _columns(model):
            column = getattr(model, name, None)
            if isinstance(column, models.Field) and column.options.get("primary_key") is True:
                return _known(_OF_COLUMN, column)
        return {"type": "integer"}
    return {}


def _of_column(model, name):
    column = getattr(model, name, None) if __kind_of__(model) == "class" else None
    if not isinstance(column, models.Field):
        if name in ("id", "pk") and __kind_of__(model) == "class":
            return {"type": "integer"}, {"read_only": True}
        # A property, a method, the other side of a relation.
        return {}, {"read_only": True}
    options = dict(column.options)
    if isinstance(column, models.ManyToManyField):
        schema = {"type": "array", "items": _key_of(column.to)}
    elif isinstance(column, models.ForeignKey):
        schema = _with_options(_key_of(column.to), {"null": options.get("null")})
    else:
        schema = _with_options(_known(_OF_COLUMN, column), options)
    by_itself = options.get("auto_now") is True or options.get("auto_now_add") is True or options.get("editable") is False
    if by_itself or isinstance(column, _MADE_BY_DATABASE):
        return schema, {"read_only": True}
    optional = options.get("null") is True or options.get("blank") is True or "default" in options
    return schema, {"required": not optional}


def _of_declared(field):
    """A field as it is declared: its schema, its options. Hidden ones are neither taken nor answered."""
    options = field.options
    if isinstance(field, fields.HiddenField):
        return None, options
    if isinstance(field, serializers.BaseSerializer):
        return _many(type(field), options.get("many") is True), options
    if isinstance(field, (fields.SerializerMethodField, fields.ReadOnlyField, relations.StringRelatedField, relations.HyperlinkedIdentityField)):
        options = dict(options, read_only=True)
    if isinstance(field, fields.ListField):
        schema = {"type": "array"}
        if field.child is not None:
            child = field.child() if __kind_of__(field.child) == "class" else field.child
            schema["items"] = _of_declared(child)[0] if isinstance(child, fields.Field) else {}
        return schema, options
    if isinstance(field, (fields.ChoiceField, fields.MultipleChoiceField)):
        choices = dict(options, choices=options.get("choices", field.args[0] if field.args else None))
        schema = _with_options({}, choices)
        return ({"type": "array", "items": schema} if isinstance(field, fields.MultipleChoiceField) else schema), options
    schema = _known(_OF_FIELD, field)
    if isinstance(field, relations.PrimaryKeyRelatedField):
        schema = _key_of(getattr(options.get("queryset"), "model", None))
    if isinstance(field, relations.RelatedField) and options.get("many") is True:
        schema = {"type": "array", "items": schema}
    return _with_options(schema, options), options


def _many(schema, many):
    return {"type": "array", "items": schema} if many else {"$ref": schema}


def _serializer(of):
    """A class of serializers, and whether many are meant, of what a view or a decorator names."""
    if isinstance(of, serializers.ListSerializer) and isinstance(of.options.get("child"), serializers.BaseSerializer):
        return type(of.options["child"]), True
    if isinstance(of, serializers.BaseSerializer):
        return type(of), of.many is True
    if __kind_of__(of) == "class" and issubclass(of, serializers.BaseSerializer):
        return of, False
    return None, False


_STATUS = {"post": 201, "delete": 204}


def _of_view(callback, method, names):
    """What a method of a view takes and answers."""
    cls = __marked__(callback, "view_class")
    if cls is None:
        return None
    actions = __marked__(callback, "actions")
    action = actions.get(method) if __kind_of__(actions) == "dict" else None
    function = getattr(cls, action or method, None)
    given = __marked__(callback, "initkwargs") or {}
    written = __marked__(callback, "_written")
    request, response, many, status = _of_generic(cls, given, method, action, function)
    for said in _said(callback, cls, function, written, method, action):
        if "request" in said:
            request = _serializer(said["request"])[0]
        if "responses" in said:
            status, response, many = _answered(said["responses"], status)
    # A change takes any of the fields.
    return {"body": request, "partial": method == "patch", "response": response, "many": many, "status": status}


def _said(callback, cls, function, written, method, action):
    """What decorators say of a method, the nearest last."""
    found = []
    around = __marked__(cls, "_described_actions") or {}
    for named in (action, method):
        if named is not None and named in around:
            found.append(around[named])
    for holder in (cls, callback, written, function):
        if holder is not None:
            for said in __marked__(holder, "_described") or []:
                methods = said.get("methods")
                if methods is None or method.upper() in methods:
                    found.append(said)
    return found


def _answered(responses, status):
    """The answer that says all is well."""
    if __kind_of__(responses) == "dict":
        for code in responses:
            number = code[0] if __kind_of__(code) == "tuple" else code
            if __kind_of__(number) in ("constant", "text") and str(number).startswith("2"):
                serializer, many = _serializer(getattr(responses[code], "response", responses[code]))
                return int(number), serializer, many
        return status, None, False
    serializer, many = _serializer(getattr(responses, "response", responses))
    return status, serializer, many


def _of_generic(cls, given, method, action, function):
    """What the views do that a serializer is named for."""
    nothing = (None, None, False, None)
    own = getattr(function, "kwargs", {}) if action is not None else {}
    named = own.get("serializer_class") if __kind_of__(own) == "dict" else None
    does = action or method
    standard = ("list", "create", "retrieve", "update", "partial_update", "get", "post", "put", "patch")
    if not issubclass(cls, GenericAPIView) or (named is None and does not in standard):
        return nothing
    serializer = _serializer(named if named is not None else _asked(cls, given, method, action))[0]
    if serializer is None:
        return nothing
    writes = method in ("post", "put", "patch")
    lists = does == "list" or (action is None and method == "get" and hasattr(cls, "list") and not hasattr(cls, "retrieve"))
    return (serializer if writes else None), serializer, lists, (201 if does in ("create", "post") and named is None else 200)


def _asked(cls, given, method, action):
    """The serializer of an action, as a view answers when it is asked."""
    from django.http import HttpRequest
    from rest_framework.request import Request
    view = cls(**given)
    view.action = action
    view.args, view.kwargs = (), {}
    view.request = Request(HttpRequest())
    view.request.method = method.upper()
    return view.get_serializer_class()
