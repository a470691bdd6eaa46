/* Amphora: plain structs in PostgreSQL and SQLite. This header only includes the others. */
#ifndef AMPHORA_H
#define AMPHORA_H
#include "amphora/types.h"
#include "amphora/value.h"
#include "amphora/error.h"
#include "amphora/event.h"
#include "amphora/model.h"
#include "amphora/engine.h"
#include "amphora/session.h"
#include "amphora/relation.h"
#include "amphora/expr.h"
#include "amphora/filter.h"
#include "amphora/function.h"
#include "amphora/rows.h"
#include "amphora/query.h"
#include "amphora/dynamic.h"
#include "amphora/sql.h"
#include "amphora/testing.h"
#endif
