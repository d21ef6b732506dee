"""The legacy system: a payments monolith in Django, as many shops still run one."""
