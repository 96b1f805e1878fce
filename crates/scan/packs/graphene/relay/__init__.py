from graphene import Field, Mutation


class ClientIDMutation(Mutation): pass
class ConnectionField(Field): pass
