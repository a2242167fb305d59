# What `cmake --install` puts in place for programs that use the library: swell.h and the headers that it needs, the
# static library, a package for find_package(swell) and one for pkg-config.
set(swell_public_headers
  base/disk.h base/errors.h base/inline.h base/progress.h
  engine/run.h
  hardware/precision.h
  ledger/bill.h ledger/chains.h ledger/diagnose.h ledger/diagnostics.h ledger/first_law.h ledger/statistics.h
  model/builder.h model/computer.h model/integrator.h model/ising.h model/linear_system.h model/matrix.h model/protocol.h
  model/system.h
  physics/glauber.h
  random/entropy.h random/normal.h random/streams.h random/tape.h random/threefry.h
  swell.h)
foreach(header ${swell_public_headers})
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/swell/${folder})
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/generated/swell/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/swell)

include(CMakePackageConfigHelpers)
set(swell_package ${CMAKE_INSTALL_LIBDIR}/cmake/swell)
install(TARGETS swell EXPORT swellTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT swellTargets NAMESPACE swell:: DESTINATION ${swell_package})
configure_package_config_file(swellConfig.cmake.in ${PROJECT_BINARY_DIR}/swellConfig.cmake INSTALL_DESTINATION ${swell_package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/swellConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/swellConfig.cmake ${PROJECT_BINARY_DIR}/swellConfigVersion.cmake DESTINATION ${swell_package})

configure_file(swell.pc.in ${PROJECT_BINARY_DIR}/swell.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/swell.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
