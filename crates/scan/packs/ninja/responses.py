from django.http import JsonResponse as Response

codes_1xx = frozenset(range(100, 102))
codes_2xx = frozenset(range(200, 207))
codes_3xx = frozenset(range(300, 308))
codes_4xx = frozenset(range(400, 419))
codes_5xx = frozenset(range(500, 505))
