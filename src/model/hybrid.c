/* Hybrids: members that are no columns, but what an expression over the columns gives. */
#include "compile.h"

static bool is_hybrid_type(const amph_mapped_column *h)
{
	return !(h->slot.type & AMPH_T_ARRAY) && h->slot.type != AMPH_T_ENUM;
}

static void set_hybrid(amph_compiler *c, amph_draft *d, amph_mapped_column *h, const amph_column *decl)
{
	int base = decl->type & ~(AMPH_T_ARRAY | AMPH_T_NULLABLE);
	bool pointer = base == AMPH_T_TEXT || base == AMPH_T_BYTES || base == AMPH_T_JSON;
	size_t end;

	h->decl = decl;
	h->name = decl->member;
	h->slot = (amph_slot){ .type = (uint8_t)(decl->type & ~AMPH_T_NULLABLE), .offset = decl->offset,
			       .nullable = !pointer && decl->type & AMPH_T_NULLABLE, .name = decl->member };
	h->type = (amph_sqltype){ .type = h->slot.type, .nullable = true };
	h->computed = true;
	h->number = (uint16_t)(d->mapper->n_columns + d->mapper->n_hybrids);
	/* what it points to is the object's own as that of a column is; there is room */
	amph_slot *pointing = (amph_slot *)(uintptr_t)d->mapper->pointing.slots;
	if (pointer || base == AMPH_T_NUMERIC)
		pointing[d->mapper->pointing.n_slots++] = h->slot;
	if (!is_hybrid_type(h))
		amph__mistake(c, d, decl->member, "0A000", "a hybrid cannot be an array or an enum");
	if (!amph__size_add(decl->offset, amph_type_size(h->slot.type, h->slot.nullable), &end) ||
	    end > d->model->size)
		amph__mistake(c, d, decl->member, "42P16", "is not within the struct");
	if (amph__column_at(d->mapper, decl->offset))
		amph__mistake(c, d, decl->member, "42701", "is a column and a hybrid: declare it as "
				"one of them");
}

void amph__draft_hybrids(amph_compiler *c, amph_draft *d)
{
	const amph_column *decl = d->model->hybrids;
	amph_mapped_column *list;
	size_t n = 0;

	while (decl && decl[n].member)
		n++;
	if (!n || !d->mapper->by_offset)
		return;
	list = AMPH_NEWS(c->arena, amph_mapped_column, n);
	if (!list) {
		c->failed = true;
		return;
	}
	if (d->root != d || d->model->discriminator.model)
		amph__mistake(c, d, NULL, "0A000", "hybrids of a model that is derived, or has "
				"derived ones, are "
			      "not supported: declare a model of its own");
	d->mapper->hybrids = list;
	for (; d->mapper->n_hybrids < n; d->mapper->n_hybrids++)
		set_hybrid(c, d, &list[d->mapper->n_hybrids], &decl[d->mapper->n_hybrids]);
}
