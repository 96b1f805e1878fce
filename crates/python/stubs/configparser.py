class Error(Exception): pass
class NoSectionError(Error): pass
class NoOptionError(Error): pass
class DuplicateSectionError(Error): pass
class ParsingError(Error): pass


_UNSET = object()


class RawConfigParser:
    """Sections with options: what the program sets itself is known, what it reads from files is not."""

    def __init__(self, defaults=None, *args, **options):
        self._sections = {}
        self._options = {}
        self._defaults = {} if defaults is None else defaults
        self._is_read = False

    def read(self, filenames, encoding=None):
        self._is_read = True
        return []

    read_file = read_string = readfp = read_dict = read

    def add_section(self, section):
        self._sections[section] = True

    def has_section(self, section):
        return __unknown__("whether a section is configured") if self._is_read else section in self._sections

    def sections(self):
        return __open_list__(*self._sections) if self._is_read else list(self._sections)

    def set(self, section, option, value=None):
        self._sections[section] = True
        self._options[(section, option)] = value

    def has_option(self, section, option):
        if (section, option) in self._options:
            return True
        return __unknown__("whether an option is configured") if self._is_read else False

    def get(self, section, option, raw=False, vars=None, fallback=_UNSET):
        if (section, option) in self._options:
            return self._options[(section, option)]
        return __unknown__("a configured value")

    def getint(self, section, option, **options):
        return __unknown__("a configured number")

    getfloat = getboolean = getint

    def remove_option(self, section, option):
        self._options.pop((section, option), None)

    def options(self, section):
        return __open_list__()

    def items(self, section=None, raw=False, vars=None):
        return __open_list__()

    def __getitem__(self, section):
        return _Section(self, section)

    def __setitem__(self, section, values):
        for option, value in values.items():
            self.set(section, option, value)

    def __contains__(self, section):
        return self.has_section(section)

    def write(self, file, space_around_delimiters=True): pass


class ConfigParser(RawConfigParser): pass
class SafeConfigParser(ConfigParser): pass


class _Section:
    def __init__(self, parser, section):
        self._parser = parser
        self._section = section

    def get(self, option, fallback=None, **options):
        return self._parser.get(self._section, option)

    def __getitem__(self, option):
        return self._parser.get(self._section, option)

    def __setitem__(self, option, value):
        self._parser.set(self._section, option, value)

    def __contains__(self, option):
        return self._parser.has_option(self._section, option)

    getint = getfloat = getboolean = get
