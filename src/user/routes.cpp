#include "user/handlers/handlers.h"

namespace instapay::user {
namespace {

using net::Access;
using net::Method;

constexpr net::Route<Service> kRoutes[] = {
    {Method::post, "/api/users/register", Access::anyone, register_user, "register_user"},
    {Method::post, "/api/users/login", Access::anyone, login_user, "login_user"},
    {Method::post, "/api/users/login/factor", Access::anyone, login_factor, "login_factor"},
    {Method::post, "/api/users/refresh", Access::anyone, refresh_session, "refresh_session"},
    {Method::post, "/api/users/logout", Access::anyone, logout_user, "logout_user"},
    {Method::post, "/api/users/password-reset", Access::anyone, request_password_reset,
     "request_password_reset"},
    {Method::post, "/api/users/password-reset/confirm", Access::anyone, reset_password,
     "reset_password"},
    {Method::post, "/api/users/verify-email", Access::anyone, verify_email, "verify_email"},
    {Method::get, "/api/users/me", Access::user, get_me, "get_me"},
    {Method::get, "/api/users/me/factors", Access::user, get_factors, "get_factors"},
    {Method::post, "/api/users/me/factors/totp", Access::user, begin_totp, "begin_totp"},
    {Method::post, "/api/users/me/factors/totp/confirmation", Access::user, confirm_totp,
     "confirm_totp"},
    {Method::post, "/api/users/me/factors/recovery-codes", Access::user, renew_recovery_codes,
     "renew_recovery_codes"},
    {Method::post, "/api/users/me/factors/removal", Access::user, remove_factors, "remove_factors"},
    {Method::put, "/api/users/me/factors/step-up", Access::user, set_step_up_rules,
     "set_step_up_rules"},
    {Method::post, "/api/users/me/step-up", Access::user, step_up, "step_up"},
    {Method::get, "/api/users", Access::staff, list_users, "list_users"},
    {Method::get, "/api/users/by-email/{email}", Access::user, get_user_by_email,
     "get_user_by_email"},
    {Method::get, "/api/users/by-username/{username}", Access::user, get_user_by_username,
     "get_user_by_username"},
    {Method::get, "/api/users/{id}", Access::user, get_user, "get_user"},
    {Method::patch, "/api/users/{id}", Access::user, update_user, "update_user"},
    {Method::put, "/api/users/{id}/password", Access::user, change_password, "change_password"},
    {Method::get, "/api/users/{id}/sessions", Access::user, list_sessions, "list_sessions"},
    {Method::del, "/api/users/{id}/sessions", Access::user, end_sessions, "end_sessions"},
    {Method::del, "/api/users/{id}/sessions/{session_id}", Access::user, end_session,
     "end_session"},
    {Method::get, "/api/users/{id}/balance", Access::user, get_balance, "get_balance"},
    {Method::put, "/api/users/{id}/balance", Access::operators, adjust_balance, "adjust_balance"},
    {Method::post, "/api/users/{id}/erasure", Access::operators, erase_user, "erase_user"},
    {Method::get, "/api/users/{id}/export", Access::user, export_user, "export_user"},
    {Method::get, "/api/users/{id}/name", Access::anyone_counted, get_user_name, "get_user_name"},
    {Method::get, "/api/users/{id}/limits", Access::user, get_limits, "get_limits"},
    {Method::put, "/api/users/{id}/limits", Access::operators, set_limits, "set_limits"},
    {Method::post, "/api/users/{id}/verification-mail", Access::user, send_verification,
     "send_verification"},
    {Method::get, "/dev/mails", Access::anyone, list_mails, "list_mails"},
    {Method::get, "/api/support", Access::anyone, get_support, "get_support"},
};

}  // namespace

std::span<const net::Route<Service>> routes() { return kRoutes; }

}  // namespace instapay::user
