// Decides how much of a table must be compared, stages that, and writes only what differs.
#include "load/table_load.h"

#include <arrow/api.h>

#include <cassert>
#include <utility>

#include "columnar/arrow_schema.h"
#include "columnar/partition_value.h"
#include "load/change_load.h"
#include "load/small_answer.h"
#include "load/statements.h"
#include "load/table_shape.h"

namespace ashore::load {

namespace {

using base::Result;
using base::Status;
using warehouse::Connection;
using warehouse::Dialect;
using warehouse::quote_identifier;
using warehouse::quote_literal;

// One pass over one table: what the steps below share.
struct Pass {
  const TableContext& context;
  const PublishedTable& table;
  const Target& target;
  const Scope& scope;
  ScopeFiles files;
  bool fixes_repeated_keys = false;
  AdoptedTable* adopted = nullptr;  // gets a few keys where the table is taken over
};

base::Error needs_adoption(const std::string& what, const std::string& table) {
  return base::permanent("table '" + table + "' in the destination is not ours: " + what)
      .with_remedy(
          "If ashore is to take it over, look at what 'ashore load --adopt --dry-run' would change "
          "and say 'ashore load --adopt'; else rename or drop it");
}

// Where rows are appended.
struct Place {
  std::string_view table;
  bool is_temporary = true;
};

// Appends published rows and counts them; a failure of reading keeps its own kind.
Result<std::int64_t> append_rows(const Pass& pass, Place place,
                                 std::vector<const delta::AddFile*> files,
                                 std::vector<std::string> columns) {
  const auto rows = std::make_shared<PublishedRows>(
      pass.context.store, pass.table, std::move(files), std::move(columns), pass.context.stop);
  const auto appended = pass.context.connection.append(place.table, place.is_temporary, rows);
  if (rows->failure()) return *rows->failure();
  if (!appended.ok()) return appended.error();
  return rows->rows_read();
}

base::Error repeated_keys(const std::string& what) {
  return base::permanent("published table holds " + what)
      .with_remedy("Another program wrote to it; publish it anew with 'replay --rebuild'");
}

// The keys of `table` must be unique, as they are in what ashore publishes.
Status refuse_repeated_keys(const Pass& pass, std::string_view table) {
  TRY(const auto repeated,
      query_number(pass.context.connection, count_repeated_keys(pass.target, table)));
  if (repeated == 0) return {};
  return repeated_keys(std::to_string(repeated) + " keys more than once");
}

std::vector<std::string> column_names(const base::Schema& schema) {
  std::vector<std::string> names;
  for (const auto& field : schema.fields) names.push_back(field.name);
  return names;
}

Status stage_rows(const Pass& pass) {
  auto& connection = pass.context.connection;
  const auto columns = column_names(pass.target.schema);
  TRY(connection.execute(create_temporary(pass.target, kStage, columns)));
  TRY(append_rows(pass, {kStage}, pass.files.inside, columns));
  if (pass.target.dialect == Dialect::kPostgreSql) {
    // Temporary tables have no statistics of their own; without them joins may nest loops.
    TRY(connection.execute("ANALYZE " + std::string(kStage)));
  }
  return refuse_repeated_keys(pass, kStage);
}

// Whether keys repeat is found by making the primary key: to count them first takes longer.
Status add_key(const Pass& pass) {
  const auto added = pass.context.connection.execute(add_primary_key(pass.target));
  if (added.ok() || added.error().kind() != base::ErrorKind::kAlreadyExists) {
    return added.ok() ? Status() : Status(added.error());
  }
  return repeated_keys("keys more than once: " + added.error().what());
}

// A table that was just made takes the rows as they come: nothing is staged, nothing is joined.
Result<RowCounts> fill(const Pass& pass) {
  RowCounts counts;
  TRY(counts.inserted, append_rows(pass, {pass.table.spec->name, false}, pass.files.inside,
                                   column_names(pass.target.schema)));
  const bool has_key = pass.target.dialect == Dialect::kPostgreSql;
  TRY(has_key ? add_key(pass) : refuse_repeated_keys(pass, pass.target.name));
  return counts;
}

Result<std::shared_ptr<arrow::RecordBatch>> touched_values(const Pass& pass) {
  assert(pass.scope.kind == Scope::Kind::kPartitions && !pass.scope.partitions.empty());
  const auto& field = pass.target.schema.fields[*pass.target.schema.index_of(pass.scope.column)];
  arrow::ArrayVector values;
  for (const auto& value : pass.scope.partitions) {
    TRY(auto one, columnar::partition_column(field.type, value, 1));
    values.push_back(std::move(one));
  }
  auto column = arrow::Concatenate(values);
  if (!column.ok()) return columnar::arrow_error(column.status(), "list touched partitions");
  assert((*column)->length() == static_cast<std::int64_t>(pass.scope.partitions.size()));
  const auto schema = arrow::schema({arrow::field(field.name, columnar::arrow_type(field.type))});
  return arrow::RecordBatch::Make(schema, (*column)->length(), {*column});
}

// The condition on rows `t` that lie in the scope; for partitions their values are staged first.
Result<std::string> scope_condition(const Pass& pass) {
  const std::string column = "t." + quote_identifier(pass.scope.column);
  if (pass.scope.kind == Scope::Kind::kAll) return std::string();
  if (pass.scope.kind == Scope::Kind::kRange) {
    std::string text = column + " IS NOT NULL";
    const auto day = [](base::Date date) {
      return "CAST(" + quote_literal(base::format_date(date)) + " AS date)";
    };
    if (pass.scope.start) text += " AND " + column + " >= " + day(*pass.scope.start);
    if (pass.scope.end) text += " AND " + column + " < " + day(*pass.scope.end);
    return text;
  }
  auto& connection = pass.context.connection;
  TRY(connection.execute(create_temporary(pass.target, kTouched, {pass.scope.column})));
  TRY(const auto values, touched_values(pass));
  auto reader = arrow::RecordBatchReader::Make({values});
  if (!reader.ok()) return columnar::arrow_error(reader.status(), "list touched partitions");
  TRY(connection.append(kTouched, true, *reader));
  std::string text = column + " IN (SELECT p." + quote_identifier(pass.scope.column) + " FROM " +
                     std::string(kTouched) + " AS p)";
  if (pass.scope.contains(std::nullopt)) text += " OR " + column + " IS NULL";
  return text;
}

// Rows of the scope whose key is not staged are gone only if their key is published nowhere else:
// a row may have moved to a partition out of the scope.
Result<std::int64_t> delete_missing(const Pass& pass) {
  auto& connection = pass.context.connection;
  TRY(const auto condition, scope_condition(pass));
  TRY(const auto candidates, query_number(connection, count_absent(pass.target, condition)));
  std::int64_t deleted = 0;
  const bool is_kept_staged = candidates > 0 && !pass.files.outside.empty();
  if (is_kept_staged) {
    TRY(connection.execute(create_temporary(pass.target, kKept, pass.target.key)));
    TRY(append_rows(pass, {kKept}, pass.files.outside, pass.target.key));
  }
  if (candidates > 0) {
    TRY(deleted, connection.execute(delete_absent(pass.target, condition, is_kept_staged)));
  }
  if (is_kept_staged) TRY(connection.execute(drop_temporary(kKept)));
  if (pass.scope.kind == Scope::Kind::kPartitions) {
    TRY(connection.execute(drop_temporary(kTouched)));
  }
  return deleted;
}

// The sampled keys, each as "A-1, 17".
Result<std::vector<std::string>> sampled_keys(Connection& connection, const std::string& query) {
  std::vector<std::string> keys;
  if (query.empty()) return keys;
  TRY(const auto rows, query_texts(connection, query));
  for (const auto& row : rows) {
    std::string key;
    for (const auto& text : row) key += (key.empty() ? "" : ", ") + text;
    keys.push_back(std::move(key));
  }
  return keys;
}

Status sample(const Pass& pass) {
  if (pass.adopted == nullptr) return {};
  auto& connection = pass.context.connection;
  TRY(pass.adopted->updated_keys, sampled_keys(connection, sample_changed(pass.target)));
  TRY(pass.adopted->inserted_keys, sampled_keys(connection, sample_missing(pass.target)));
  TRY(pass.adopted->deleted_keys, sampled_keys(connection, sample_absent(pass.target)));
  return {};
}

// Copies of one key cannot be told apart, so all go, and the published row is inserted.
Result<std::int64_t> remove_repeated(const Pass& pass) {
  const bool may_repeat = pass.fixes_repeated_keys && pass.target.dialect == Dialect::kDuckDb;
  if (!may_repeat) return std::int64_t{0};
  return pass.context.connection.execute(delete_repeated(pass.target));
}

Result<RowCounts> run_pass(const Pass& pass, bool is_target_empty) {
  auto& connection = pass.context.connection;
  RowCounts counts;
  TRY(stage_rows(pass));
  if (is_target_empty) {
    TRY(counts.inserted, connection.execute(insert_all(pass.target)));
  } else {
    TRY(sample(pass));
    TRY(const auto repeated, remove_repeated(pass));
    const std::string update = update_changed(pass.target);
    if (!update.empty()) {
      TRY(counts.updated, connection.execute(update));
    }
    TRY(counts.inserted, connection.execute(insert_missing(pass.target)));
    TRY(counts.deleted, delete_missing(pass));
    counts.deleted += repeated;
    if (pass.adopted == nullptr) TRY(check_unique(connection, pass.target));
  }
  assert(counts.inserted >= 0 && counts.updated >= 0 && counts.deleted >= 0);
  TRY(connection.execute(drop_temporary(kStage)));
  return counts;
}

struct Prepared {
  bool is_changed = false;  // the table was made or got columns
  bool is_empty = true;
  bool is_new = false;
  ShapeChanges changes = {};
  std::optional<AdoptedTable> adopted = {};
};

// Why the table is not ours; "" where it is, or where it is empty.
std::string strange_rows(const TableRequest& request, bool is_empty) {
  if (is_empty) return "";
  if (!request.held) return "it has rows that ashore did not load";
  if (request.held->table_id == request.table.snapshot->table_id) return "";
  return "it was loaded from another published table";
}

// The shape of what stands there; makes the table where nothing does. On DuckDB a view may stand
// there unseen.
Result<std::optional<TableShape>> shape_or_new_table(const TableContext& context,
                                                     const TableRequest& request,
                                                     const Target& target) {
  const std::string& name = request.table.spec->name;
  if (request.is_there) {
    TRY(auto shape, read_table_shape(context.connection, context.qualifier, name));
    return std::optional(std::move(shape));
  }
  const auto made = context.connection.execute(create_table_without_key(target));
  if (made.ok()) return std::optional<TableShape>();
  if (target.dialect == Dialect::kPostgreSql) return made.error();
  TRY(auto shape, read_shape(context.connection, name));
  if (!shape) return made.error();
  return shape;
}

// Makes the table or its new columns, and refuses one that is not ours.
Result<Prepared> prepare(const TableContext& context, const TableRequest& request,
                         const Target& target) {
  auto& connection = context.connection;
  const std::string& name = request.table.spec->name;
  TRY(check_names(target, name));
  TRY(const auto shape, shape_or_new_table(context, request, target));
  if (!shape) return Prepared{.is_changed = true, .is_empty = true, .is_new = true};
  TRY(const auto rows, query_number(connection, "SELECT count(*) FROM (SELECT 1 AS one FROM " +
                                                    target.name + " LIMIT 1) AS first"));
  const bool is_empty = rows == 0;
  const std::string why = strange_rows(request, is_empty);
  if (!why.empty() && !request.adopt) return needs_adoption(why, name);
  Prepared prepared{.is_empty = is_empty};
  TRY(prepared.changes, shape_changes(target, *shape, !why.empty()));
  const auto& first = prepared.changes.first;
  for (const auto& statement : first) TRY(connection.execute(statement));
  prepared.is_changed = !first.empty() || !prepared.changes.last.empty();
  if (why.empty()) return prepared;
  prepared.adopted.emplace();
  prepared.adopted->table = name;
  prepared.adopted->why = why;
  return prepared;
}

// The rows of an adopted table are right now, but for copies of a key; then it gets what it lacks.
Status finish_adoption(const TableContext& context, const Target& target, const RowCounts& counts,
                       Prepared* prepared) {
  if (!prepared->adopted) return {};
  auto& adopted = *prepared->adopted;
  TRY(const auto repeated, sampled_keys(context.connection, sample_repeated(target)));
  if (!repeated.empty()) {
    std::string keys;
    for (const auto& key : repeated) keys += (keys.empty() ? "" : "; ") + key;
    return base::permanent("table in the destination holds keys more than once: " + target.name +
                           ": " + keys)
        .with_remedy("Delete the copies that are to go, then adopt it again");
  }
  const auto& [first, last] = prepared->changes;
  for (const auto& statement : last) TRY(context.connection.execute(statement));
  adopted.statements = first;
  adopted.statements.insert(adopted.statements.end(), last.begin(), last.end());
  adopted.inserted = counts.inserted;
  adopted.updated = counts.updated;
  adopted.deleted = counts.deleted;
  return {};
}

bool holds_this_table(const TableRequest& request) {
  return request.held && request.held->table_id == request.table.snapshot->table_id;
}

// How much must be compared; nothing where the destination holds this very version.
Result<std::optional<Scope>> choose_scope(const TableContext& context, const TableRequest& request,
                                          const Prepared& prepared) {
  if (request.range) return request.range;
  if (request.full || prepared.is_new || !holds_this_table(request)) return std::optional(Scope{});
  if (request.held->version == request.table.snapshot->version) return std::optional<Scope>();
  TRY(auto scope, scope_since(context.store, request.table, request.held->version));
  // Commits without files: of a table that another pipeline took over.
  if (scope.kind == Scope::Kind::kPartitions && scope.partitions.empty()) {
    return std::optional<Scope>();
  }
  return std::optional(std::move(scope));
}

// Where every row is to be compared, this process finds the partitions that differ: the database
// would have to stage and join all of them. What is not ours yet, or has a key twice, it joins.
Result<std::optional<Scope>> narrowed(const TableContext& context, const TableRequest& request,
                                      const Target& target, std::optional<Scope> scope) {
  const bool is_all = scope && scope->kind == Scope::Kind::kAll;
  if (!is_all || request.fixes_repeated_keys) return scope;
  return scope_of_differences(context.store, request.table, context.connection, target.name,
                              context.stop);
}

// What the published version changed, where the destination holds the version before and nothing
// else is to be looked at; else nullptr.
const delta::ChangedRows* changes_for(const TableRequest& request, const Prepared& prepared) {
  const bool is_all_asked = request.full || request.range || request.fixes_repeated_keys;
  const bool is_as_left = !prepared.is_new && !prepared.is_changed && !prepared.adopted;
  if (is_all_asked || !is_as_left || !holds_this_table(request)) return nullptr;
  const auto& changes = request.table.changes;
  if (!changes || request.held->version != changes->base_version) return nullptr;
  return &*changes;
}

// After a load of some rows the destination must have as many as the published version; if not,
// somebody else has changed others.
Result<bool> has_drifted(const TableContext& context, const TableRequest& request,
                         const Target& target) {
  TRY(const auto rows, query_number(context.connection, "SELECT count(*) FROM " + target.name));
  return rows != request.table.snapshot->rows;
}

std::optional<Held> new_bookkeeping(const TableRequest& request, const RowCounts& counts) {
  const delta::Snapshot& snapshot = *request.table.snapshot;
  if (!request.range) {
    const bool is_same = holds_this_table(request) && request.held->version == snapshot.version &&
                         request.held->rows == snapshot.rows &&
                         request.held->log_sha256 == request.table.log_sha256;
    if (is_same) return std::nullopt;
    assert(snapshot.version >= 0 && !request.table.log_sha256.empty());
    return Held{snapshot.table_id, snapshot.version, snapshot.rows, request.table.log_sha256};
  }
  // A range leaves the recorded version; -1 says that no version is held as a whole.
  Held held = holds_this_table(request) ? *request.held : Held{snapshot.table_id, -1, 0, {}};
  const std::int64_t change = counts.inserted - counts.deleted;
  if (holds_this_table(request) && change == 0) return std::nullopt;
  held.rows += change;
  return held;
}

TableOutcome outcome_of(const TableRequest& request, const RowCounts& counts) {
  TableOutcome outcome;
  outcome.counts.table = request.table.spec->name;
  outcome.counts.inserted = counts.inserted;
  outcome.counts.updated = counts.updated;
  outcome.counts.deleted = counts.deleted;
  outcome.counts.unchanged = request.table.snapshot->rows - counts.inserted - counts.updated;
  outcome.changed_rows = counts.inserted + counts.updated + counts.deleted > 0;
  outcome.bookkeeping = new_bookkeeping(request, counts);
  const bool is_range = request.range.has_value();
  const std::int64_t held_version = holds_this_table(request) ? request.held->version : -1;
  outcome.counts.version = is_range ? held_version : request.table.snapshot->version;
  return outcome;
}

// Loads what lies in the scope; nothing where there is none.
Result<RowCounts> load_scope(const TableContext& context, const TableRequest& request,
                             const Target& target, const std::optional<Scope>& scope,
                             Prepared* prepared) {
  assert(scope || !prepared->is_new);  // else a new table had no primary key
  if (!scope) return RowCounts();
  const Pass pass{context,
                  request.table,
                  target,
                  *scope,
                  files_of(request.table, *scope),
                  request.fixes_repeated_keys,
                  prepared->adopted ? &*prepared->adopted : nullptr};
  if (prepared->is_new) return fill(pass);
  return run_pass(pass, prepared->is_empty && scope->kind != Scope::Kind::kPartitions);
}

// Compares every row where a load of some of them does not end with what is published.
Status compare_all_if_drifted(const TableContext& context, const TableRequest& request,
                              const Target& target, RowCounts* counts) {
  TRY(const bool is_drifted, has_drifted(context, request, target));
  if (!is_drifted) return {};
  context.events.emit(base::Warned{"destination table '" + request.table.spec->name +
                                   "' was changed by another program; every row is compared"});
  const Scope all;
  TRY(const auto more,
      run_pass({context, request.table, target, all, files_of(request.table, all)}, false));
  counts->inserted += more.inserted;
  counts->updated += more.updated;
  counts->deleted += more.deleted;
  return {};
}

}  // namespace

Result<TableOutcome> load_table(const TableContext& context, const TableRequest& request) {
  const Target target{context.connection.dialect(),
                      context.qualifier + quote_identifier(request.table.spec->name),
                      request.table.schema, request.table.spec->key};
  TRY(auto prepared, prepare(context, request, target));
  RowCounts counts;
  bool is_part = true;
  if (const auto* const changes = changes_for(request, prepared)) {
    TRY(counts, apply_changes(context, target, *changes));
  } else {
    TRY(auto scope, choose_scope(context, request, prepared));
    if (!prepared.is_empty && !prepared.adopted) {
      TRY(scope, narrowed(context, request, target, std::move(scope)));
    }
    is_part = scope && scope->kind == Scope::Kind::kPartitions;
    TRY(counts, load_scope(context, request, target, scope, &prepared));
  }
  if (is_part) TRY(compare_all_if_drifted(context, request, target, &counts));
  TRY(finish_adoption(context, target, counts, &prepared));
  auto outcome = outcome_of(request, counts);
  outcome.changed_shape = prepared.is_changed;
  outcome.adopted = std::move(prepared.adopted);
  return outcome;
}

}  // namespace ashore::load
