/* Graphs of objects over several models: circles of references of which only some may be NULL, and what
 * comes back into a session with what it leads to. */
#include "conformance.h"

typedef struct Club Club;
typedef struct Team Team;
typedef struct Player Player;
typedef struct Medal Medal;
struct Club {
	int64_t id;
	const char *name;
	int64_t version;
	amph_opt_int64 captain_id;
	Player *captain;
	AMPH_MANY(Team) teams;
};
struct Team {
	int64_t id;
	const char *name;
	int64_t club_id;
	Club *club;
	AMPH_MANY(Player) players;
};
struct Player {
	int64_t id;
	const char *name;
	int64_t team_id;
	Team *team;
	AMPH_MANY(Medal) medals;
};
struct Medal {
	int64_t id;
	const char *name;
	AMPH_MANY(Player) players;
};
typedef struct PlayerMedal { int64_t player_id, medal_id; int32_t year; } PlayerMedal;
AMPH_DECLARE(Club);
AMPH_DECLARE(Team);
AMPH_DECLARE(Player);
AMPH_DECLARE(Medal);
AMPH_DECLARE(PlayerMedal);
AMPH_MODEL(Club, "g_clubs",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Club, id, .primary_key = true),
				AMPH_COLUMN(Club, name, .not_null = true, .unique = true),
				AMPH_COLUMN(Club, version, .version = true),
				AMPH_COLUMN(Club, captain_id, .references = AMPH_REF(Player, id))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Club, captain, Player, captain_id),
		AMPH_HAS_MANY(Club, teams, Team, club_id, .back = AMPH_MEMBER(Team, club),
			      .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)));
AMPH_MODEL(Team, "g_teams",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Team, id, .primary_key = true),
				AMPH_COLUMN(Team, name, .not_null = true),
				AMPH_COLUMN(Team, club_id, .references = AMPH_REF(Club, id))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Team, club, Club, club_id, .back = AMPH_MEMBER(Club, teams)),
		AMPH_HAS_MANY(Team, players, Player, team_id, .back = AMPH_MEMBER(Player, team),
			      .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)));
AMPH_MODEL(Player, "g_players",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Player, id, .primary_key = true),
				AMPH_COLUMN(Player, name, .not_null = true, .unique = true),
				AMPH_COLUMN(Player, team_id, .references = AMPH_REF(Team, id))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Player, team, Team, team_id, .back = AMPH_MEMBER(Team, players)),
		AMPH_MANY_TO_MANY(Player, medals, Medal, PlayerMedal, player_id, medal_id,
				  .back = AMPH_MEMBER(Medal, players))));
AMPH_MODEL(Medal, "g_medals",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Medal, id, .primary_key = true),
				AMPH_COLUMN(Medal, name, .not_null = true)),
	.relations = AMPH_RELATIONS(
		AMPH_MANY_TO_MANY(Medal, players, Player, PlayerMedal, medal_id, player_id,
				  .back = AMPH_MEMBER(Player, medals))));
AMPH_MODEL(PlayerMedal, "g_player_medals",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(PlayerMedal, player_id, .primary_key = true,
			    .references = AMPH_REF(Player, id)),
		AMPH_COLUMN(PlayerMedal, medal_id, .primary_key = true, .references = AMPH_REF(Medal, id)),
		AMPH_COLUMN(PlayerMedal, year, .default_value = AMPH_DEFAULT_INT(2026))));

/* a chain: each link has one behind it at most, and those behind it belong to it */
typedef struct Link Link;
struct Link {
	int64_t id;
	const char *name;
	amph_opt_int64 before_id;
	Link *before, *next;
};
AMPH_DECLARE(Link);
AMPH_MODEL(Link, "g_links",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Link, id, .primary_key = true),
				AMPH_COLUMN(Link, name, .not_null = true),
				AMPH_COLUMN(Link, before_id, .unique = true,
					    .references = AMPH_REF(Link, id))),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Link, before, Link, before_id, .back = AMPH_MEMBER(Link, next)),
		AMPH_HAS_ONE(Link, next, Link, before_id, .back = AMPH_MEMBER(Link, before),
			     .cascade = AMPH_CASCADE_ALL | AMPH_DELETE_ORPHAN)));

/* all of it, links too, is deleted softly */
typedef struct Fan Fan;
typedef struct Band Band;
typedef struct Fandom Fandom;
struct Fan {
	int64_t id;
	amph_opt_timestamptz gone;
	AMPH_MANY(Band) bands;
	AMPH_MANY(Fandom) links;
};
struct Band {
	int64_t id;
	amph_opt_timestamptz gone;
	AMPH_MANY(Fan) fans;
};
struct Fandom {
	int64_t id, fan_id, band_id;
	amph_opt_timestamptz gone;
	Fan *fan;
	Band *band;
};
AMPH_DECLARE(Fan);
AMPH_DECLARE(Band);
AMPH_DECLARE(Fandom);
AMPH_MODEL(Fan, "g_fans",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Fan, id, .primary_key = true), AMPH_COLUMN(Fan, gone)),
	.soft_delete = AMPH_MEMBER(Fan, gone),
	.relations = AMPH_RELATIONS(
		AMPH_MANY_TO_MANY(Fan, bands, Band, Fandom, fan_id, band_id, .back = AMPH_MEMBER(Band, fans)),
		AMPH_HAS_MANY(Fan, links, Fandom, fan_id, .back = AMPH_MEMBER(Fandom, fan))));
AMPH_MODEL(Band, "g_bands",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Band, id, .primary_key = true), AMPH_COLUMN(Band, gone)),
	.soft_delete = AMPH_MEMBER(Band, gone),
	.relations = AMPH_RELATIONS(
		AMPH_MANY_TO_MANY(Band, fans, Fan, Fandom, band_id, fan_id,
				  .back = AMPH_MEMBER(Fan, bands))));
AMPH_MODEL(Fandom, "g_fandoms",
	.columns = AMPH_COLUMNS(
		AMPH_COLUMN(Fandom, id, .primary_key = true),
		AMPH_COLUMN(Fandom, fan_id, .references = AMPH_REF(Fan, id), .on_delete = AMPH_CASCADE),
		AMPH_COLUMN(Fandom, band_id, .references = AMPH_REF(Band, id), .on_delete = AMPH_CASCADE),
		AMPH_COLUMN(Fandom, gone)),
	.soft_delete = AMPH_MEMBER(Fandom, gone),
	.relations = AMPH_RELATIONS(
		AMPH_BELONGS_TO(Fandom, fan, Fan, fan_id, .back = AMPH_MEMBER(Fan, links)),
		AMPH_BELONGS_TO(Fandom, band, Band, band_id)));

/* a mark instead of a delete; its children and its name stay */
typedef struct Guest Guest;
typedef struct Visit Visit;
struct Guest {
	int64_t id;
	const char *name, *room;
	amph_opt_timestamptz gone;
	AMPH_MANY(Visit) visits;
};
struct Visit {
	int64_t id, guest_id;
};
AMPH_DECLARE(Guest);
AMPH_DECLARE(Visit);
AMPH_MODEL(Guest, "g_guests",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Guest, id, .primary_key = true),
				AMPH_COLUMN(Guest, name, .unique = true), AMPH_COLUMN(Guest, room),
				AMPH_COLUMN(Guest, gone)),
	.soft_delete = AMPH_MEMBER(Guest, gone),
	.indexes = AMPH_INDEXES(AMPH_INDEX_WITH("g_guests_room_key", AMPH_ON(AMPH_MEMBER(Guest, room)),
						.unique = true, .where = "gone IS NULL")),
	.relations = AMPH_RELATIONS(
		AMPH_HAS_MANY(Guest, visits, Visit, guest_id, .cascade = AMPH_CASCADE_ALL)));
AMPH_MODEL(Visit, "g_visits",
	.columns = AMPH_COLUMNS(AMPH_COLUMN(Visit, id, .primary_key = true),
				AMPH_COLUMN(Visit, guest_id, .references = AMPH_REF(Guest, id),
					    .on_delete = AMPH_CASCADE)));

static void set_up(void)
{
	static const amph_model *const models[] = { &amph_model_Club, &amph_model_Team, &amph_model_Player,
						    &amph_model_Medal, &amph_model_PlayerMedal,
						    &amph_model_Link, &amph_model_Fan, &amph_model_Band,
						    &amph_model_Fandom, &amph_model_Guest, &amph_model_Visit,
						    NULL };

	begin_with(models);
}

/* The rows of all tables, in words: "clubs teams players links". */
static void has_rows(const char *expected)
{
	amph_rows *r = amph_sql(s, "SELECT concat_ws(' ', (SELECT count(*) FROM g_clubs), "
				"(SELECT count(*) FROM g_teams), (SELECT count(*) FROM g_players), "
				"(SELECT count(*) FROM g_player_medals)) AS n");

	DO(r && amph_next(r));
	ck_assert_str_eq(amph_cell_text(r, "n"), expected);
	DO(amph_rows_close(r));
}

/* A club with two teams, a captain of the first, and a medal that two players share. */
static Club *new_club(const char *name, const char *a, const char *b, const char *c)
{
	Player *first = amph_new(s, Player, .name = a), *second = amph_new(s, Player, .name = b);
	Player *third = amph_new(s, Player, .name = c);
	Team *one = amph_new(s, Team, .name = "one", .players = (Player *const[]){ first, second, NULL });
	Team *two = amph_new(s, Team, .name = "two", .players = (Player *const[]){ third, NULL });
	Medal *medal = amph_new(s, Medal, .name = "gold");

	DO(amph_append(first, medals, medal) && amph_append(medal, players, third));
	return amph_new(s, Club, .name = name, .captain = first, .teams = (Team *const[]){ one, two, NULL });
}

START_TEST(a_circle_that_one_reference_opens)
{
	Club *club = amph_new(s, Club, .name = "club");
	Team *team = amph_new(s, Team, .name = "team", .club = club);

	/* from each end of it */
	club->captain = amph_new(s, Player, .name = "p", .team = team);
	DO(amph_commit(s));
	ck_assert_int_eq(club->captain_id.value, club->captain->id);
	has_rows("1 1 1 0");
	DO(amph_delete(s, club) && amph_flush(s));
	has_rows("0 0 0 0");
	amph_rollback(s);
	has_rows("1 1 1 0");
	amph_session_clear(s);
	DO(amph_delete(s, amph_first(s, Club)) && amph_commit(s));
	has_rows("0 0 0 0");
}
END_TEST

START_TEST(circles_of_several_clubs)
{
	Club *a = new_club("a", "a1", "a2", "a3"), *b = new_club("b", "b1", "b2", "b3");
	Player *of_a = a->captain;

	a->captain = b->captain;
	b->captain = of_a;
	DO(amph_commit(s));
	has_rows("2 4 6 4");
	ck_assert_int_eq(a->captain->team->club_id, b->id);
	DO(amph_delete(s, a));
	FAILS("23503", amph_flush(s));
	ck_assert_str_eq(amph_session_error(s)->constraint, "g_clubs_captain_id_fkey");
	amph_rollback(s);
	DO(amph_delete(s, a) && amph_delete(s, b) && amph_commit(s));
	has_rows("0 0 0 0");
}
END_TEST

START_TEST(a_captain_moves_and_the_club_goes)
{
	Club *a = new_club("a", "a1", "a2", "a3"), *b = new_club("b", "b1", "b2", "b3");

	DO(amph_commit(s));
	DO(amph_append(b->teams[0], players, a->captain) && amph_delete(s, a) && amph_commit(s));
	has_rows("1 2 4 3");
}
END_TEST

START_TEST(what_was_rolled_back_comes_back_with_its_graph)
{
	Club *club = new_club("a", "a1", "a2", "a3");

	DO(amph_flush(s));
	amph_rollback(s);
	DO(amph_attach(s, club) && amph_commit(s));
	has_rows("1 2 3 2");
	ck_assert_uint_eq(amph_length(amph_rel(club, teams)), 2);
	ck_assert_uint_eq(amph_length(amph_rel(club->teams[0], players)), 2);
	/* the same from a leaf, and before any flush */
	Club *other = new_club("b", "b1", "b2", "b3");
	Player *leaf = other->teams[1]->players[0];
	amph_rollback(s);
	DO(amph_attach(s, leaf) && amph_commit(s));
	has_rows("2 4 6 4");
	ck_assert_int_eq(other->captain_id.value, other->captain->id);
}
END_TEST

START_TEST(what_was_deleted_does_not_come_back_with_another)
{
	Club *club = new_club("a", "a1", "a2", "a3");
	Player *never = club->teams[0]->players[1];

	DO(amph_delete(s, never));
	amph_rollback(s);
	DO(amph_attach(s, club) && amph_commit(s));
	has_rows("1 2 2 2");
}
END_TEST

START_TEST(what_was_expunged_comes_back_with_its_children)
{
	Club *club = new_club("a", "a1", "a2", "a3");
	Team *team = club->teams[0];
	Player *player = team->players[1];

	DO(amph_commit(s) && amph_expunge(s, team));
	ck_assert_int_eq(amph_state(s, player), AMPH_OBJECT_EXPUNGED);
	DO(amph_attach(s, team));
	ck_assert_int_eq(amph_state(s, player), AMPH_OBJECT_PERSISTENT);
	player->name = "renamed";
	DO(amph_commit(s));
	ck_assert_int_eq(amph_count(s, Player, .where = eq(col(Player, name), "renamed")), 1);
	DO(amph_expunge(s, team));
	ck_assert_ptr_ne(amph_get(s, Player, player->id), player);
	FAILS("HV010", amph_attach(s, team));
	amph_rollback(s);
	ck_assert_int_eq(amph_state(s, team), AMPH_OBJECT_EXPUNGED);
}
END_TEST

START_TEST(a_link_of_a_chain_goes)
{
	Link *a = amph_new(s, Link, .name = "a"), *b = amph_new(s, Link, .name = "b", .before = a);
	Link *c = amph_new(s, Link, .name = "c", .before = b);
	Link *d = amph_new(s, Link, .name = "d", .before = c);

	DO(amph_commit(s));
	ck_assert_ptr_eq(amph_rel(b, next), c);
	ck_assert_ptr_eq(amph_rel(a, next), b);
	a->next = c;
	DO(amph_commit(s));
	ck_assert_int_eq(c->before_id.value, a->id);
	ck_assert_int_eq(amph_count(s, Link), 3);
	/* and one is put between */
	Link *x = amph_new(s, Link, .name = "x");
	amph_rel(c, next);
	x->next = d;
	c->next = x;
	DO(amph_commit(s));
	ck_assert_int_eq(d->before_id.value, x->id);
	ck_assert_int_eq(x->before_id.value, c->id);
	/* who goes takes all behind it along */
	DO(amph_delete(s, c) && amph_commit(s));
	ck_assert_int_eq(amph_count(s, Link), 1);
}
END_TEST

/* The bands of a fan, in each way that there is to come by them. */
static void leads_to(int64_t id, size_t n)
{
	amph_session_clear(s);
	Fan *fan = amph_get(s, Fan, id);
	ck_assert_uint_eq(amph_length(amph_rel(fan, bands)), n);
	ck_assert_int_eq(amph_count(s, Band, .of = children(Fan, fan, bands)), (int64_t)n);
	amph_session_clear(s);
	Fan **fans = amph_all(s, Fan, .where = eq(col(Fan, id), id), .load = with(selectin(Fan, bands)));
	ck_assert_uint_eq(amph_length(fans[0]->bands), n);
	amph_session_clear(s);
	fans = amph_all(s, Fan, .where = eq(col(Fan, id), id),
			.load = with(selectin_of(Fan, bands, .where = gt(col(Band, id), 0))));
	ck_assert_uint_eq(amph_length(fans[0]->bands), n);
	ck_assert_int_eq(amph_count(s, Fan, .joins = joins(join(Fan, bands)),
				    .where = eq(col(Fan, id), id)), (int64_t)n);
	ck_assert_int_eq(amph_count(s, Fan, .where = all_of(eq(col(Fan, id), id), any(Fan, bands))), n > 0);
	ck_assert_uint_eq(amph_length(amph_rel(fans[0], links)),
			  (size_t)amph_count(s, Fandom, .where = eq(col(Fandom, fan_id), id)));
}

START_TEST(what_was_deleted_softly_is_behind_no_relationship)
{
	Fan *fan = amph_new(s, Fan), *other = amph_new(s, Fan);
	Band *one = amph_new(s, Band), *two = amph_new(s, Band);
	Fandom *link = amph_new(s, Fandom, .fan = fan, .band = one);

	amph_new(s, Fandom, .fan = fan, .band = two);
	amph_new(s, Fandom, .fan = other, .band = one);
	DO(amph_commit(s));
	int64_t id = fan->id, link_id = link->id, two_id = two->id, other_id = other->id;
	leads_to(id, 2);
	DO(amph_delete(s, amph_get(s, Fandom, link_id)) && amph_commit(s));
	leads_to(id, 1);
	DO(amph_delete(s, amph_get(s, Band, two_id)) && amph_commit(s));
	leads_to(id, 0);
	leads_to(other_id, 1);
	DO(amph_delete(s, amph_get(s, Fan, other_id)) && amph_commit(s));
	amph_session_clear(s);
	Fandom **links = amph_all(s, Fandom, .load = with(selectin(Fandom, fan), selectin(Fandom, band)),
				  .order_by = by(col(Fandom, id)));
	ck_assert_uint_eq(amph_length(links), 2);
	ck_assert(links[0]->fan && !links[0]->band && !links[1]->fan && links[1]->band);
	links = amph_all(s, Fandom, .load = with(joined(Fandom, fan)), .order_by = by(col(Fandom, id)));
	ck_assert(links[0]->fan && !links[1]->fan);
	ck_assert_int_eq(amph_count(s, Fandom, .where = has(Fandom, fan)), 1);
	/* they are there for who asks */
	ck_assert_uint_eq(amph_length(amph_all(s, Fandom, .with_deleted = true)), 3);
	ck_assert_ptr_nonnull(amph_get_deleted(s, Band, two_id));
}
END_TEST

START_TEST(a_soft_delete_takes_no_children_and_frees_no_unique_value)
{
	Guest *ann = amph_new(s, Guest, .name = "Ann", .room = "7");

	amph_append(ann, visits, amph_new(s, Visit));
	DO(amph_commit(s));
	DO(amph_delete(s, ann) && amph_commit(s));
	ck_assert_int_eq(amph_count(s, Guest), 0);
	ck_assert_int_eq(amph_count(s, Visit), 1);
	amph_new(s, Guest, .name = "Ann", .room = "8");
	FAILS("23505", amph_flush(s));
	amph_rollback(s);
	/* the index is of those that are left */
	amph_new(s, Guest, .name = "Bob", .room = "7");
	DO(amph_commit(s));
	amph_new(s, Guest, .name = "Eve", .room = "7");
	FAILS("23505", amph_flush(s));
	amph_rollback(s);
}
END_TEST

START_TEST(a_collection_that_is_loaded_late_has_what_was_appended)
{
	Club *club = new_club("a", "a1", "a2", "a3");

	DO(amph_commit(s));
	amph_session *other = amph_session_open_with(db, AMPH_SESSION_OPTIONS(.autoflush_off = true));
	Team *team = amph_get(other, Team, club->teams[0]->id);
	Player *gone = amph_get(other, Player, club->teams[0]->players[1]->id);
	Player *added = amph_new(other, Player, .name = "new");
	OK_(other, amph_append(team, players, added) && amph_remove(team, players, gone));
	ck_assert_uint_eq(amph_length(amph_rel(team, players)), 2);
	ck_assert_ptr_eq(team->players[1], added);
	OK_(other, amph_commit(other));
	ck_assert_uint_eq(amph_length(amph_rel(team, players)), 2);
	amph_session_clear(other);
	team = amph_get(other, Team, club->teams[0]->id);
	ck_assert_uint_eq(amph_length(amph_rel(team, players)), 2);
	amph_session_close(other);
	has_rows("1 2 3 2");
}
END_TEST

/* Also in collections that are in memory, of a link too, and whoever was its parent. */
START_TEST(what_was_deleted_softly_leaves_collections)
{
	Fan *fan = amph_new(s, Fan), *other = amph_new(s, Fan);
	Band *band = amph_new(s, Band);

	DO(amph_append(fan, bands, band) && amph_append(other, bands, band) && amph_commit(s));
	ck_assert_uint_eq(amph_length(amph_rel(band, fans)), 2);
	DO(amph_delete(s, fan) && amph_flush(s));
	ck_assert_uint_eq(amph_length(amph_rel(band, fans)), 1);
	amph_rollback(s);
	ck_assert_uint_eq(amph_length(amph_rel(band, fans)), 2);
	DO(amph_delete(s, other) && amph_commit(s));
	ck_assert_uint_eq(amph_length(amph_rel(band, fans)), 1);
}
END_TEST

static SUITE(suite_of_graphs, "graphs", what_was_deleted_softly_leaves_collections,
	     a_circle_that_one_reference_opens, circles_of_several_clubs,
	     a_captain_moves_and_the_club_goes, what_was_rolled_back_comes_back_with_its_graph,
	     what_was_deleted_does_not_come_back_with_another,
	     what_was_expunged_comes_back_with_its_children, a_link_of_a_chain_goes,
	     what_was_deleted_softly_is_behind_no_relationship,
	     a_soft_delete_takes_no_children_and_frees_no_unique_value,
	     a_collection_that_is_loaded_late_has_what_was_appended)

suite graph_suite(void)
{
	suite made = suite_of_graphs();

	made.setup = set_up;
	made.teardown = end_with_none;
	return made;
}
