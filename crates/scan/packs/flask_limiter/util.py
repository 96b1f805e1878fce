def get_remote_address(): return __labelled__(8, name="remote_addr")
def get_ipaddr(): return __labelled__(8, name="remote_addr")
