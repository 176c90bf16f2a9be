#pragma once
// One file per handler; docs in api/openapi.yaml.
#include "net/json_body.h"
#include "user/account.h"
#include "user/service.h"

namespace instapay::user {

net::Reply register_user(Service& service, net::Request& request);
net::Reply login_user(Service& service, net::Request& request);
net::Reply login_factor(Service& service, net::Request& request);
net::Reply login_factor_options(Service& service, net::Request& request);
net::Reply login_passkey_options(Service& service, net::Request& request);
net::Reply login_passkey(Service& service, net::Request& request);
net::Reply refresh_session(Service& service, net::Request& request);
net::Reply logout_user(Service& service, net::Request& request);
net::Reply get_me(Service& service, net::Request& request);
net::Reply freeze_wallet(Service& service, net::Request& request);
net::Reply unfreeze_wallet(Service& service, net::Request& request);
net::Reply close_wallet(Service& service, net::Request& request);
net::Reply get_factors(Service& service, net::Request& request);
net::Reply begin_totp(Service& service, net::Request& request);
net::Reply confirm_totp(Service& service, net::Request& request);
net::Reply renew_recovery_codes(Service& service, net::Request& request);
net::Reply remove_factors(Service& service, net::Request& request);
net::Reply set_step_up_rules(Service& service, net::Request& request);
net::Reply begin_passkey(Service& service, net::Request& request);
net::Reply add_passkey(Service& service, net::Request& request);
net::Reply rename_passkey(Service& service, net::Request& request);
net::Reply remove_passkey(Service& service, net::Request& request);
net::Reply set_pin(Service& service, net::Request& request);
net::Reply remove_pin(Service& service, net::Request& request);
net::Reply set_pin_limits(Service& service, net::Request& request);
net::Reply step_up(Service& service, net::Request& request);
net::Reply step_up_options(Service& service, net::Request& request);
net::Reply list_users(Service& service, net::Request& request);
net::Reply get_user(Service& service, net::Request& request);
net::Reply get_user_by_email(Service& service, net::Request& request);
net::Reply get_user_by_username(Service& service, net::Request& request);
net::Reply update_user(Service& service, net::Request& request);
net::Reply change_password(Service& service, net::Request& request);
net::Reply list_sessions(Service& service, net::Request& request);
net::Reply end_sessions(Service& service, net::Request& request);
net::Reply end_session(Service& service, net::Request& request);
net::Reply export_user(Service& service, net::Request& request);
net::Reply get_balance(Service& service, net::Request& request);
net::Reply erase_user(Service& service, net::Request& request);
net::Reply adjust_balance(Service& service, net::Request& request);
net::Reply get_user_name(Service& service, net::Request& request);
net::Reply get_support(Service& service, net::Request& request);
net::Reply get_limits(Service& service, net::Request& request);
net::Reply set_limits(Service& service, net::Request& request);
net::Reply request_password_reset(Service& service, net::Request& request);
net::Reply reset_password(Service& service, net::Request& request);
net::Reply verify_email(Service& service, net::Request& request);
net::Reply send_verification(Service& service, net::Request& request);
net::Reply ask_email_change(Service& service, net::Request& request);
net::Reply get_email_change(Service& service, net::Request& request);
net::Reply cancel_email_change(Service& service, net::Request& request);
net::Reply confirm_email_change(Service& service, net::Request& request);
net::Reply undo_email_change(Service& service, net::Request& request);
net::Reply get_notice_settings(Service& service, net::Request& request);
net::Reply update_notice_settings(Service& service, net::Request& request);
net::Reply list_push_subscriptions(Service& service, net::Request& request);
net::Reply register_push_subscription(Service& service, net::Request& request);
net::Reply remove_push_subscription(Service& service, net::Request& request);
net::Reply list_mails(Service& service, net::Request& request);
net::Reply issue_token(Service& service, net::Request& request);
net::Reply oauth_metadata(Service& service, net::Request& request);
net::Reply create_service_account(Service& service, net::Request& request);
net::Reply list_service_accounts(Service& service, net::Request& request);
net::Reply rename_service_account(Service& service, net::Request& request);
net::Reply revoke_service_account(Service& service, net::Request& request);
net::Reply add_service_credential(Service& service, net::Request& request);
net::Reply remove_service_credential(Service& service, net::Request& request);
net::Reply list_approvals(Service& service, net::Request& request);
net::Reply get_approval(Service& service, net::Request& request);
net::Reply approve_proposal(Service& service, net::Request& request);
net::Reply authorize_proposal(Service& service, net::Request& request);
net::Reply sign_proposal(Service& service, net::Request& request);
net::Reply refuse_proposal(Service& service, net::Request& request);
net::Reply withdraw_proposal(Service& service, net::Request& request);

}  // namespace instapay::user
