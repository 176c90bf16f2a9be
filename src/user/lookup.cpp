#include "user/lookup.h"

#include "core/text.h"
#include "queries.h"

namespace instapay::user {
namespace {

// Both names of a user: a display name may look like somebody's username.
struct Looks {
  Look username, display_name;

  Looks(std::string_view username_text, std::string_view display_text)
      : username(look_of(username_text)), display_name(look_of(display_text)) {}

  bool are_like(const Looks& other) const {
    return look_alike(display_name, other.display_name) || look_alike(username, other.username) ||
           look_alike(display_name, other.username) || look_alike(username, other.display_name);
  }
};

std::optional<User> find_alike(const pg::Rows& contacts, const User& user) {
  const Looks looks(user.username, user.display_name);
  for (int row = 0; row < contacts.size(); ++row) {
    User contact;
    contact.id = contacts.uuid(row, 0);
    contact.username = contacts.text(row, 1);
    contact.display_name = contacts.text(row, 2);
    if (contact.id != user.id && looks.are_like({contact.username, contact.display_name}))
      return contact;
  }
  return std::nullopt;
}

}  // namespace

net::Reply lookup_answer(Service& service, const net::Principal& who, const User& user,
                         bool see_all) {
  if (see_all || who.user_id == user.id)
    co_return user_response(200, user, service.config.currency);
  const auto contacts =
      co_await service.db.query(queries::user::find_contacts, pg::Params().add(who.user_id));
  if (!contacts) co_return fail(pg::to_error(contacts.error()));

  net::Response response{200, "application/json"};
  JsonWriter json(response.body);
  json.begin_object();
  write_public_members(json, user);
  if (const auto alike = find_alike(*contacts, user)) {
    json.key("looksLike").begin_object();
    write_public_members(json, *alike);
    json.end_object();
  }
  json.end_object();
  co_return response;
}

}  // namespace instapay::user
