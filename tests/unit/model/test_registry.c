/* src/model/registry.c and the passes behind it */
#include "src/model/model.h"
#include "tests/support/failing_alloc.h"
#include "tests/support/suite.h"
#include "tests/unit/model/shop.h"
#include <string.h>

static amph_registry *open_shop(void)
{
	amph_error err = { 0 };
	amph_registry *r = amph__registry_open(&amph__libc_allocator, shop_models, &err);

	ck_assert_msg(r != NULL, "%s %s", err.sqlstate, err.message);
	return r;
}

static const amph_mapper *mapper_of(const amph_registry *r, const amph_model *m)
{
	const amph_mapper *found = amph__mapper_of(r, m, NULL);

	ck_assert_ptr_nonnull(found);
	return found;
}

static const amph_mapped_column *column(const amph_mapper *m, const char *name)
{
	for (size_t i = 0; i < m->n_columns; i++)
		if (!strcmp(m->columns[i].name, name))
			return &m->columns[i];
	ck_abort_msg("no column %s", name);
	return NULL;
}

/* ---- what a mapper has ---- */

static const struct type_case {
	const char *column;
	uint8_t type;
	bool db_null, opt;
	int length, scale;
} user_types[] = {
	{ "id", AMPH_T_INT64, false, false, 0, 0 },
	{ "username", AMPH_T_TEXT, false, false, 80, 0 },
	{ "is_active", AMPH_T_BOOL, false, false, 0, 0 },
	{ "created_at", AMPH_T_TIMESTAMPTZ, false, false, 0, 0 },
	{ "manager_id", AMPH_T_INT64, true, true, 0, 0 },
	{ "mood", AMPH_T_ENUM, false, false, 0, 0 },
	{ "balance", AMPH_T_NUMERIC, false, false, 10, 2 },
	{ "lower_email", AMPH_T_TEXT, true, false, 0, 0 }
};

START_TEST(columns_have_slots_and_types)
{
	amph_registry *r = open_shop();
	const amph_mapper *m = mapper_of(r, &amph_model_User);

	ck_assert_uint_eq(m->n_columns, 9);
	ck_assert_uint_eq(m->shape.n_slots, 9);
	for (size_t i = 0; i < sizeof(user_types) / sizeof(user_types[0]); i++) {
		const struct type_case *t = &user_types[i];
		const amph_mapped_column *c = column(m, t->column);

		ck_assert_int_eq(c->type.type, t->type);
		ck_assert_int_eq(c->slot.type, t->type);
		ck_assert_msg(c->type.nullable == t->db_null, "%s", t->column);
		ck_assert_msg(c->slot.nullable == t->opt, "%s", t->column);
		ck_assert_int_eq(c->type.length, t->length);
		ck_assert_int_eq(c->type.scale, t->scale);
		ck_assert_uint_eq(c->slot.offset, c->decl->offset);
		ck_assert_mem_eq(&m->shape.slots[c->number], &c->slot, sizeof(c->slot));
	}
	ck_assert(column(m, "lower_email")->computed);
	ck_assert(column(m, "created_at")->server_default);
	ck_assert_uint_eq(column(m, "mood")->type.enumeration->n_labels, 3);
	ck_assert_str_eq(column(m, "mood")->type.enumeration->name, "users_mood");
	ck_assert_int_eq(column(mapper_of(r, &amph_model_Tag), "synonyms")->type.type,
			 AMPH_T_TEXT | AMPH_T_ARRAY);
	amph__registry_close(r);
}
END_TEST

START_TEST(keys_and_special_columns_are_known)
{
	amph_registry *r = open_shop();
	const amph_mapper *user = mapper_of(r, &amph_model_User);
	const amph_mapper *order = mapper_of(r, &amph_model_Order);
	const amph_mapper *link = mapper_of(r, &amph_model_OrderTag);
	const amph_mapper *tag = mapper_of(r, &amph_model_Tag);

	ck_assert_int_eq(user->identity, 0);
	ck_assert_int_eq(user->version, -1);
	ck_assert_int_eq(order->identity, -1);
	ck_assert_int_eq(order->version, 3);
	ck_assert_int_eq(order->soft_delete, 4);
	ck_assert_str_eq(column(order, "metadata")->decl->member, "meta");
	ck_assert_int_eq(link->identity, -1);
	ck_assert_uint_eq(link->n_keys, 2);
	ck_assert_uint_eq(link->keys[1], 1);
	ck_assert_str_eq(link->table->primary_key[1], "tag_id");
	ck_assert_ptr_null(link->table->primary_key[2]);
	ck_assert(tag->table->columns[0].identity_always);
	amph__registry_close(r);
}
END_TEST

START_TEST(members_are_found_by_offset)
{
	amph_registry *r = open_shop();
	const amph_mapper *m = mapper_of(r, &amph_model_Order);

	for (size_t i = 0; i < m->n_columns; i++)
		ck_assert_ptr_eq(amph__column_at(m, m->columns[i].slot.offset), &m->columns[i]);
	ck_assert_ptr_null(amph__column_at(m, offsetof(Order, user)));
	ck_assert_ptr_null(amph__column_at(m, 1));
	ck_assert_ptr_null(amph__column_at(m, SIZE_MAX));
	amph__registry_close(r);
}
END_TEST

AMPH_ALIAS(Manager, User);
AMPH_ALIAS(Stranger, Tag);

START_TEST(models_are_found_and_their_aliases)
{
	static const amph_model *const only_user[] = {
		&amph_model_Order, &amph_model_User, &amph_model_Tag, &amph_model_OrderTag, NULL
	};
	static const amph_model *const none[] = { NULL };
	amph_error err = { 0 };
	amph_registry *r = amph__registry_open(&amph__libc_allocator, only_user, &err);

	ck_assert_ptr_nonnull(r);
	ck_assert_ptr_eq(mapper_of(r, &amph_model_Manager), mapper_of(r, &amph_model_User));
	ck_assert_ptr_null(amph__mapper_of(r, &amph_model_Egg, &err));
	ck_assert_int_eq(err.status, AMPH_E_MISUSE);
	ck_assert_str_eq(err.message, "model \"Egg\" was not given to amph_open in .models");
	ck_assert_ptr_null(amph__mapper_of(r, NULL, &err));
	amph__registry_close(r);
	r = amph__registry_open(&amph__libc_allocator, none, &err);
	ck_assert_ptr_nonnull(r);
	ck_assert_ptr_null(amph__mapper_of(r, &amph_model_Stranger, &err));
	ck_assert_str_eq(err.message, "model \"Tag\" was not given to amph_open in .models");
	amph__registry_close(r);
	r = amph__registry_open(&amph__libc_allocator, NULL, &err);
	ck_assert_ptr_nonnull(r);
	amph__registry_close(r);
	amph__registry_close(NULL);
}
END_TEST

/* ---- names ---- */

static const struct { char kind; const char *table, *name; } names_in_order[] = {
	{ 'p', "tags", "tags_pkey" },
	{ 'u', "tags", "tags_name_key" },
	{ 'p', "users", "users_pkey" },
	{ 'u', "users", "users_email_key" },
	{ 'c', "users", "users_balance_check" },
	{ 'c', "users", "users_check" },
	{ 'c', "users", "users_email_check" },
	{ 'c', "users", "users_sane" },
	{ 'f', "users", "users_manager_id_fkey" },
	{ 'i', "users", "ix_users_username" },
	{ 'i', "users", "ix_users_expr" },
	{ 'p', "orders", "orders_pkey" },
	{ 'c', "orders", "orders_status_check" },
	{ 'f', "orders", "orders_user_id_fkey" },
	{ 'p', "order_tags", "order_tags_pkey" },
	{ 'u', "order_tags", "uq_place" },
	{ 'f', "order_tags", "order_tags_order_id_fkey" },
	{ 'f', "order_tags", "order_tags_tag_id_fkey" },
	{ 'p', "chickens", "chickens_pkey" },
	{ 'f', "chickens", "chickens_egg_id_fkey" },
	{ 'p', "eggs", "eggs_pkey" },
	{ 'f', "eggs", "eggs_chicken_id_fkey" }
};

START_TEST(constraints_are_named_and_listed)
{
	amph_registry *r = open_shop();

	ck_assert_uint_eq(r->schema.n, sizeof(names_in_order) / sizeof(names_in_order[0]));
	for (size_t i = 0; i < r->schema.n; i++) {
		const amph_constraint_name *c = &r->schema.constraints[i];

		ck_assert_str_eq(c->name, names_in_order[i].name);
		ck_assert_str_eq(c->table, names_in_order[i].table);
		ck_assert_int_eq(c->kind, names_in_order[i].kind);
		if (c->kind == 'f')
			ck_assert_ptr_nonnull(c->target);
		if (c->kind == 'p')
			ck_assert_ptr_nonnull(c->columns[0]);
	}
	amph__registry_close(r);
}
END_TEST

START_TEST(tables_and_enums_are_found_by_name)
{
	amph_registry *r = open_shop();
	const sql_names *n = &r->names;

	ck_assert_ptr_eq(n->table(n->ctx, NULL, "users"), mapper_of(r, &amph_model_User)->table);
	ck_assert_ptr_null(n->table(n->ctx, NULL, "Users"));
	ck_assert_ptr_null(n->table(n->ctx, "users", "users"));
	ck_assert_ptr_null(n->table(n->ctx, NULL, ""));
	ck_assert_ptr_null(n->table(n->ctx, NULL,
		"a_name_that_is_longer_than_any_name_of_a_table_can_be_in_postgresql_"));
	ck_assert_ptr_eq(n->enumeration(n->ctx, "users_mood"), r->enums[0]);
	ck_assert_ptr_null(n->enumeration(n->ctx, "mood"));
	ck_assert_uint_eq(r->n_enums, 1);
	amph__registry_close(r);
}
END_TEST

/* ---- order ---- */

START_TEST(parents_come_first_and_cycles_share_a_rank)
{
	amph_registry *r = open_shop();

	for (size_t i = 0; i < r->n_mappers; i++) {
		const amph_mapper *m = r->by_rank[i];

		if (i > 0)
			ck_assert_uint_ge(m->flush_rank, r->by_rank[i - 1]->flush_rank);
		for (size_t k = 0; k < m->n_references; k++)
			ck_assert_uint_le(m->references[k].target->flush_rank, m->flush_rank);
	}
	ck_assert_uint_eq(mapper_of(r, &amph_model_Egg)->flush_rank,
			  mapper_of(r, &amph_model_Chicken)->flush_rank);
	ck_assert_uint_lt(mapper_of(r, &amph_model_User)->flush_rank,
			  mapper_of(r, &amph_model_Order)->flush_rank);
	ck_assert_uint_ne(mapper_of(r, &amph_model_User)->flush_rank,
			  mapper_of(r, &amph_model_Egg)->flush_rank);
	amph__registry_close(r);
}
END_TEST

START_TEST(references_say_what_they_need)
{
	amph_registry *r = open_shop();
	const amph_mapper *egg = mapper_of(r, &amph_model_Egg);
	const amph_mapper *order = mapper_of(r, &amph_model_Order);

	ck_assert_uint_eq(egg->n_references, 1);
	ck_assert(egg->references[0].nullable);
	ck_assert_ptr_eq(egg->references[0].target, mapper_of(r, &amph_model_Chicken));
	ck_assert(!order->references[0].nullable);
	ck_assert_int_eq(order->references[0].on_delete, AMPH_CASCADE);
	ck_assert_int_eq(order->references[0].on_update, AMPH_CASCADE);
	ck_assert_str_eq(order->references[0].name, "orders_user_id_fkey");
	ck_assert_uint_eq(order->references[0].columns[0], 1);
	ck_assert_uint_eq(order->references[0].target_columns[0], 0);
	amph__registry_close(r);
}
END_TEST

START_TEST(uniques_are_sets_of_columns)
{
	amph_registry *r = open_shop();
	const amph_mapper *user = mapper_of(r, &amph_model_User);
	const amph_mapper *link = mapper_of(r, &amph_model_OrderTag);

	/* an index over an expression is none of columns */
	ck_assert_uint_eq(user->n_uniques, 2);
	ck_assert_uint_eq(user->uniques[0][0], 1);
	ck_assert_uint_eq(user->uniques[0][1], 2);
	ck_assert_uint_eq(user->uniques[1][1], 1);
	ck_assert_uint_eq(link->n_uniques, 1);
	ck_assert_uint_eq(link->uniques[0][0], 2);
	ck_assert_uint_eq(link->uniques[0][2], 2);
	ck_assert_str_eq(link->table->uniques[0][1], "place");
	ck_assert_ptr_null(link->table->uniques[1]);
	amph__registry_close(r);
}
END_TEST

START_TEST(the_version_follows_the_declarations)
{
	static const amph_model *const fewer[] = { &amph_model_Chicken, &amph_model_Egg, NULL };
	amph_registry *a = open_shop(), *b = open_shop();
	amph_registry *c = amph__registry_open(&amph__libc_allocator, fewer, NULL);

	ck_assert_uint_eq(a->version, b->version);
	ck_assert_uint_ne(a->version, c->version);
	amph__registry_close(a);
	amph__registry_close(b);
	amph__registry_close(c);
}
END_TEST

/* ---- memory ---- */

static bool open_with(const amph_allocator *a, void *ctx)
{
	amph_error err = { 0 };
	amph_registry *r = amph__registry_open(a, ctx, &err);
	bool ok = r != NULL;

	ck_assert_msg(ok || err.status == AMPH_E_NOMEM, "%s %s", err.sqlstate, err.message);
	amph__registry_close(r);
	return ok;
}

START_TEST(memory_may_run_out)
{
	failing_alloc_sweep(open_with, (void *)(uintptr_t)shop_models);
}
END_TEST

SUITE_MAIN("registry", columns_have_slots_and_types, keys_and_special_columns_are_known,
	   members_are_found_by_offset, models_are_found_and_their_aliases,
	   constraints_are_named_and_listed, tables_and_enums_are_found_by_name,
	   parents_come_first_and_cycles_share_a_rank, references_say_what_they_need,
	   uniques_are_sets_of_columns, the_version_follows_the_declarations, memory_may_run_out)
