def reverse(viewname, args=None, kwargs=None, request=None, format=None, **extra): return __unknown__("an address")


reverse_lazy = reverse
