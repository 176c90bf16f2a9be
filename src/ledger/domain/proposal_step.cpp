#include "ledger/domain/proposal_step.h"

#include <fmt/format.h>

#include <utility>

#include "core/json.h"

namespace instapay::ledger {

std::string member_of_step(const ProposalStep& step) {
  std::string member =
      fmt::format(R"("approval":{{"id":"{}","kind":"{}","status":"{}","sha256":"{}")",
                  step.proposal.to_string(), step.kind, step.status, step.payload_hash);
  std::string_view before = R"(,"signatures":[)";
  for (const Hash256& hash : step.signatures)
    fmt::format_to(std::back_inserter(member), R"({}"{}")", std::exchange(before, ","),
                   to_hex(hash));
  member += step.signatures.empty() ? "}" : "]}";
  return member;
}

std::optional<ProposalStep> signed_step(std::string_view change) {
  if (!change.starts_with(R"({"approval":{)") || !change.contains(R"("signatures":[)"))
    return std::nullopt;
  const auto json = parse_json(change);
  const Json* approval = json ? json->find("approval") : nullptr;
  if (approval == nullptr) return std::nullopt;
  const auto text = [&](std::string_view name) {
    const Json* found = approval->find(name);
    return found == nullptr ? std::string() : found->text;
  };
  const auto proposal = Uuid::parse(text("id"));
  const Json* signatures = approval->find("signatures");
  if (!proposal || signatures == nullptr) return std::nullopt;
  ProposalStep step{.proposal = *proposal,
                    .kind = text("kind"),
                    .status = text("status"),
                    .payload_hash = text("sha256"),
                    .signatures = {}};
  for (const Json& hash : signatures->items)
    if (!from_hex(hash.text, step.signatures.emplace_back())) return std::nullopt;
  if ("{" + member_of_step(step) + "}" != change) return std::nullopt;
  return step;
}

}  // namespace instapay::ledger
