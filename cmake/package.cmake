# The Debian package: cpack --config build/release/CPackConfig.cmake. The services and their units; the
# wallet is the edge's.
install(TARGETS instapay DESTINATION bin COMPONENT package)
install(FILES deploy/systemd/instapay@.service DESTINATION lib/systemd/system COMPONENT package)
install(FILES deploy/systemd/instapay.env deploy/systemd/user.env deploy/systemd/transaction.env
  deploy/systemd/reporting.env DESTINATION /etc/instapay COMPONENT package)
install(PROGRAMS deploy/make-secrets.sh DESTINATION share/instapay COMPONENT package)
install(PROGRAMS deploy/postgres/roles.sh DESTINATION share/instapay COMPONENT package)
install(FILES db/postgresql.conf DESTINATION share/instapay COMPONENT package)
install(FILES docs/operations.md DESTINATION share/doc/instapay COMPONENT package)
install(FILES LICENSE DESTINATION share/doc/instapay RENAME copyright COMPONENT package)

# What is packed was built before: cpack builds nothing.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME instapay)
set(CPACK_PACKAGE_CONTACT "Mini-InstaPay maintainers <maintainers@instapay.example>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "instant money transfers you can host yourself")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL package)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
# The libraries that the executable was linked with, in the versions that it needs.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "ca-certificates, fonts-dejavu-core, passwd")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql-15, nginx-light")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${CMAKE_SOURCE_DIR}/deploy/debian/postinst ${CMAKE_SOURCE_DIR}/deploy/debian/prerm
  ${CMAKE_SOURCE_DIR}/deploy/debian/postrm ${CMAKE_SOURCE_DIR}/deploy/debian/conffiles)
include(CPack)
