/* Labels of enums, as a program has them: from its models, without an engine. */
#include "amphora/model.h"
#include <string.h>

/* A derived model begins with its base. */
static const char *const *labels_at(const amph_model *m, size_t offset)
{
	for (; m; m = m->alias_of ? m->alias_of : m->base)
		for (const amph_column *c = m->columns; c && c->member; c++)
			if (c->offset == offset)
				return c->labels;
	return NULL;
}

const char *amph_do_enum_label(const amph_model *m, size_t offset, unsigned number)
{
	const char *const *labels = labels_at(m, offset);

	for (unsigned i = 0; labels && labels[i]; i++)
		if (i == number)
			return labels[i];
	return NULL;
}

int amph_do_enum_number(const amph_model *m, size_t offset, const char *label)
{
	const char *const *labels = label ? labels_at(m, offset) : NULL;

	for (int i = 0; labels && labels[i]; i++)
		if (!strcmp(labels[i], label))
			return i;
	return -1;
}
