/* Whether a time zone of a name is among the system's: what PostgreSQL asks of a zone in the text of a
 * type that has none, before it leaves it out. */
#include "datetime.h"
#include <dirent.h>
#include <stdio.h>
#include <strings.h>

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
		found = strlen(entry->d_name) == len && !strncasecmp(entry->d_name, part, len);
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

amph_zone_state amph__zone_named(const char *name)
{
	bool any = false;

	if (!is_safe(name, strlen(name)))
		return AMPH_ZONE_UNKNOWN;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		char path[512];
		const char *at = name;
		bool ok = true;

		snprintf(path, sizeof(path), "%s/UTC", folders[i]);
		any |= is_zone_file(path);
		snprintf(path, sizeof(path), "%s", folders[i]);
		while (*at && ok) {
			size_t len = strcspn(at, "/");

			ok = add_entry(path, sizeof(path), at, len);
			at += len + (at[len] == '/');
		}
		if (ok && is_zone_file(path))
			return AMPH_ZONE_KNOWN;
	}
	return any ? AMPH_ZONE_UNKNOWN : AMPH_ZONE_NO_FILES;
}
