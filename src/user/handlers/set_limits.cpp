#include "core/time.h"
#include "queries.h"
#include "user/handlers/handlers.h"
#include "user/limits_answer.h"
#include "user/staff_actions.h"

namespace instapay::user {
namespace {

Task<Result<pg::Rows>> find_limits(Service& service, const Uuid& id) {
  auto rows = co_await service.db.query(queries::user::find_limits, limits_params(id));
  if (!rows) co_return fail(pg::to_error(rows.error()));
  if (rows->empty()) co_return fail(Code::user_not_found, "There is no such user.");
  co_return std::move(*rows);
}

void write_limits(JsonWriter& json, std::optional<std::int64_t> per_transfer,
                  std::optional<std::int64_t> per_day, Currency currency) {
  json.key("perTransfer").amount_or_null(per_transfer, currency);
  json.key("perDay").amount_or_null(per_day, currency);
}

Hash128 hash_of(const net::Request& request, const NewLimits& limits) {
  HashInput canonical = net::canonical_request(request);
  for (const auto& limit : {limits.per_transfer_minor, limits.per_day_minor})
    canonical.number(static_cast<std::uint64_t>(limit.value_or(-1)), 8);
  return net::request_hash(canonical.text(limits.reason));
}

Task<Result<net::Response>> propose_limits(Service& service, net::Request& request, Uuid id,
                                           NewLimits limits, std::optional<Hash128> key) {
  const auto rows = co_await find_limits(service, id);
  if (!rows) co_return fail(rows.error());
  const Currency currency = service.config.currency;
  Proposal proposal{.kind = ApprovalKind::limits,
                    .subject = id,
                    .reason = limits.reason,
                    .key = key,
                    .request_hash = hash_of(request, limits)};
  JsonWriter json(proposal.payload);
  json.begin_object();
  write_limits(json, limits.per_transfer_minor, limits.per_day_minor, currency);
  json.field("reason", limits.reason).key("before").begin_object();
  write_limits(json, rows->optional_int64(0, 1), rows->optional_int64(0, 2), currency);
  json.end_object().end_object();
  co_return co_await answer_proposed(service, request, std::move(proposal));
}

}  // namespace

net::Reply set_limits(Service& service, net::Request& request) {
  auto id = net::uuid_param(request, 0);
  if (!id) co_return fail(std::move(id.error()));
  auto body = net::json_body(request);
  if (!body) co_return fail(std::move(body.error()));
  const auto limits = read_limits(*body, service.config.currency);
  if (!limits) co_return fail(limits.error());
  const auto key = net::idempotency_key(request);
  if (!key) co_return fail(key.error());

  if (request.principal->user_id == *id)
    co_return fail(Code::forbidden, "Your own limits are set by another operator.");
  if (auto proven = require_step_up(request.principal->factors, now_us() / kSecond_us); !proven)
    co_return fail(std::move(proven.error()));
  if (auto user = co_await find_user(service.db, *id); !user)
    co_return fail(std::move(user.error()));
  auto earlier = co_await earlier_proposal(service, request, *key, hash_of(request, *limits));
  if (!earlier) co_return fail(std::move(earlier.error()));
  if (*earlier) co_return std::move(**earlier);
  if (limits_need_approval(service.config, limits->per_transfer_minor, limits->per_day_minor))
    co_return co_await propose_limits(service, request, *id, *limits, *key);
  const auto done =
      co_await change_limits(service, *id, *limits, Actor{request.principal->user_id});
  if (!done) co_return fail(done.error());
  const auto rows = co_await find_limits(service, *id);
  if (!rows) co_return fail(rows.error());
  co_return limits_answer(service.config, *rows);
}

}  // namespace instapay::user
