/* Time zones by name among the system's files. PostgreSQL asks for one also in the text of a type that
 * has none, before it leaves it out. */
#include "datetime.h"
#include "../base/ascii.h"
#include <dirent.h>
#include <stdio.h>

static const char *const folders[] = { "/usr/share/zoneinfo", "/usr/lib/zoneinfo",
				       "/usr/share/lib/zoneinfo", "/etc/zoneinfo" };

static bool is_safe(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!amph__is_alpha(name[i]) && !amph__is_digit(name[i]) && !strchr("/_+-", name[i]))
			return false;
	return len > 0 && len < 64 && name[0] != '/' && name[len - 1] != '/' && !strstr(name, "//");
}

/* Puts the entry of a folder that equals part, whatever the case of its letters, after path. */
static bool add_entry(char *path, size_t size, const char *part, size_t len)
{
	size_t at = strlen(path);
	DIR *folder = opendir(path);
	struct dirent *entry;
	bool found = false;

	while (folder && !found && (entry = readdir(folder)) != NULL) {
		found = strlen(entry->d_name) == len && amph__ascii_begins(entry->d_name, part, len);
		if (found)
			snprintf(path + at, size - at, "/%s", entry->d_name);
	}
	if (folder)
		closedir(folder);
	return found;
}

static bool is_zone_file(const char *path)
{
	char head[4] = "";
	FILE *file = fopen(path, "re");
	bool ok = file && fread(head, 1, sizeof(head), file) == sizeof(head) && !memcmp(head, "TZif", 4);

	if (file)
		fclose(file);
	return ok;
}

static bool find_below(char *path, size_t size, const char *folder, const char *name)
{
	snprintf(path, size, "%s", folder);
	while (*name) {
		size_t len = strcspn(name, "/");

		if (!add_entry(path, size, name, len))
			return false;
		name += len + (name[len] == '/');
	}
	return true;
}

amph_zone_state amph__zone_named(const char *name, char *path, size_t size)
{
	bool any = false;

	if (!is_safe(name, strlen(name)))
		return AMPH_ZONE_UNKNOWN;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, size, "%s/UTC", folders[i]);
		any |= is_zone_file(path);
		snprintf(path, size, "%s/%s", folders[i], name);
		if (is_zone_file(path) ||
		    (find_below(path, size, folders[i], name) && is_zone_file(path)))
			return AMPH_ZONE_KNOWN;
	}
	return any ? AMPH_ZONE_UNKNOWN : AMPH_ZONE_NO_FILES;
}
