# Puts small files into the library as bytes.
#
#   swell_embed(TARGET NAME FILE [NAME FILE ...])
#
# adds to TARGET one function per file, `std::span<const std::byte> swell::embedded::NAME()`, declared in
# "swell/embedded.h" under ${PROJECT_BINARY_DIR}/generated. A changed file is embedded again by the next build.
# Call it once. At build time this script runs itself with NAME, INPUT and OUTPUT.

if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${INPUT}" hex HEX)
  if(hex STREQUAL "")
    message(FATAL_ERROR "${INPUT}: an empty file cannot be embedded")
  endif()
  string(REGEX REPLACE "(................................)" "\\1\n    " hex "${hex}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
  file(WRITE "${OUTPUT}" "#include \"swell/embedded.h\"

namespace swell::embedded {

std::span<const std::byte> ${NAME}() {
  alignas(16) static constexpr unsigned char bytes[] = {
    ${bytes}
  };
  return std::as_bytes(std::span(bytes));
}

}  // namespace swell::embedded
")
  return()
endif()

set(swell_embed_script "${CMAKE_CURRENT_LIST_FILE}")

function(swell_embed target)
  set(folder "${PROJECT_BINARY_DIR}/generated/swell")
  set(declarations "")
  while(ARGN)
    list(POP_FRONT ARGN name input)
    set(output "${folder}/embedded_${name}.cc")
    add_custom_command(
      OUTPUT "${output}"
      COMMAND "${CMAKE_COMMAND}" -DNAME=${name} "-DINPUT=${input}" "-DOUTPUT=${output}" -P "${swell_embed_script}"
      DEPENDS "${input}" "${swell_embed_script}"
      COMMENT "Embedding ${input}"
      VERBATIM)
    target_sources(${target} PRIVATE "${output}")
    string(APPEND declarations "std::span<const std::byte> ${name}();  // ${input}\n")
  endwhile()
  string(REPLACE "${PROJECT_SOURCE_DIR}/" "" declarations "${declarations}")
  file(CONFIGURE OUTPUT "${folder}/embedded.h" @ONLY CONTENT "#pragma once

#include <cstddef>
#include <span>

// Files that the program carries with it, byte for byte. Generated; see scripts/embed_data.cmake.
namespace swell::embedded {

@declarations@
}  // namespace swell::embedded
")
endfunction()
