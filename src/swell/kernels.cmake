# Kernel files (*.kernel.cc) are built once per instruction set, each in its own namespace; kernels/dispatch.cc picks
# one at start by the processor's feature bits. Contraction stays off: fused multiply-adds are written out.
file(GLOB_RECURSE swell_kernel_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.kernel.cc)

# Only to measure what the books cost (docs/performance.md): heat, work and entropy of such a build are not filled.
option(SWELL_BOOKS "book heat, work and entropy in each step" ON)
mark_as_advanced(SWELL_BOOKS)

function(swell_add_kernels name isa)
  add_library(swell_kernels_${name} OBJECT ${swell_kernel_sources})
  target_include_directories(swell_kernels_${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
  target_compile_definitions(swell_kernels_${name} PRIVATE SWELL_KERNEL_NAMESPACE=${name} SWELL_KERNEL_ISA="${isa}")
  target_compile_options(swell_kernels_${name} PRIVATE -O3 -fopenmp-simd $<$<CXX_COMPILER_ID:GNU>:-fno-tree-loop-distribute-patterns> -fno-math-errno -fno-trapping-math -Wno-unknown-pragmas -Wno-psabi ${ARGN})
  if(NOT SWELL_BOOKS)
    target_compile_definitions(swell_kernels_${name} PRIVATE SWELL_WITHOUT_BOOKS)
  endif()
  if(TARGET swell)  # not where the core is built alone (web/engine)
    target_sources(swell PRIVATE $<TARGET_OBJECTS:swell_kernels_${name}>)
  endif()
  target_sources(swell_core PRIVATE $<TARGET_OBJECTS:swell_kernels_${name}>)
endfunction()

swell_add_kernels(portable "portable")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
  swell_add_kernels(v3 "v3" -march=x86-64-v3)
  swell_add_kernels(v4 "v4" -march=x86-64-v4 -mprefer-vector-width=512)
  swell_add_kernels(v4_bf16 "v4-bf16" -march=x86-64-v4 -mavx512bf16 -mprefer-vector-width=512)
  swell_add_kernels(amx "amx" -march=x86-64-v4 -mavx512bf16 -mamx-tile -mamx-bf16 -mprefer-vector-width=512)
  target_compile_definitions(swell_core_objects PRIVATE SWELL_X86_KERNELS)
endif()
