def get_remote_address(request): return __labelled__(8, name="client")
def get_ipaddr(request): return __labelled__(8, name="client")
