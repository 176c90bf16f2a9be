#include "net/form_body.h"

#include <algorithm>

namespace instapay::net {

std::optional<Form> Form::read(const Request& request) {
  if (!request.has_body_of("application/x-www-form-urlencoded")) return std::nullopt;
  Form form;
  std::string_view rest = request.body;
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(pair.size() + 1, rest.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), true);
    if (!name || !value || form.fields_.size() == kFormFieldsMax) return std::nullopt;
    const auto same = [&](const auto& field) { return field.first == *name; };
    if (std::ranges::any_of(form.fields_, same)) return std::nullopt;
    form.fields_.emplace_back(*std::move(name), *std::move(value));
  }
  return form;
}

std::string_view Form::field(std::string_view name) const {
  const auto found = std::ranges::find(
      fields_, name, [](const auto& field) -> std::string_view { return field.first; });
  return found == fields_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace instapay::net
