# The core: machines, physics, engines, learning and what programs compute, without pages, pictures and file formats. It
# needs fmt, toml++, Eigen and LEMON (the last three at build time only), and no other library: for WebAssembly and for
# programs that bring their own input and output. Of routes it has tours, the thermal search for rounds and what matching
# makes exact; proofs by linear programs (CLP), the judge with the networks that ship, and the bench are in the whole
# library. What would touch a file (a checkpoint, a design by
# its path, snapshots into a file) throws IoError there: core/no_files.cc. Its objects are those of the whole library.
set(swell_core_sources ${swell_sources})
list(FILTER swell_core_sources INCLUDE REGEX "/swell/(base|random|model|physics|kernels|engine|hardware|ledger|learn|programs/(generate|linear|neural|ising|rival|simulate))/|/swell/io/(bytes|file_kind|safetensors|street_lines|street_network|text_lines|tsplib)\\.cc$|/swell/programs/route/(connect|matching|near_cities|one_tree|plan|price|round|round_chain|start_tour|tour_[a-z]+|tours|ways)\\.cc$")
list(FILTER swell_core_sources EXCLUDE REGEX "/hardware/spice/|/(design_files|training_file|read_[a-z]+|[a-z]+_files|[a-z_]*(report|pages|pictures|references)|problem|play|answer_table)\\.cc$")
list(REMOVE_ITEM swell_sources ${swell_core_sources})

add_library(swell_core_objects OBJECT ${swell_core_sources})
target_compile_features(swell_core_objects PUBLIC cxx_std_20)
target_include_directories(swell_core_objects PUBLIC ${PROJECT_SOURCE_DIR}/src ${PROJECT_BINARY_DIR}/generated
  PRIVATE ${LEMON_INCLUDE_DIR})
# LEMON 1.3 uses members of allocators that C++20 has not got.
set_source_files_properties(${CMAKE_CURRENT_LIST_DIR}/programs/route/matching.cc PROPERTIES COMPILE_OPTIONS "-std=c++17;-Wno-maybe-uninitialized")
target_link_libraries(swell_core_objects PUBLIC Threads::Threads fmt::fmt PRIVATE Eigen3::Eigen tomlplusplus::tomlplusplus nlohmann_json::nlohmann_json)

add_library(swell_core STATIC EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/core/no_files.cc $<TARGET_OBJECTS:swell_core_objects>)
target_link_libraries(swell_core PUBLIC swell_core_objects tomlplusplus::tomlplusplus)
