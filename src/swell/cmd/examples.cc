// Command lines worth trying, for the help of each command. A test runs them all, with --quick.

#include <array>
#include <string_view>

#include "swell/cmd/command.h"

namespace swell::cmd {

namespace {

struct Example {
  std::string_view command, lines;
};

constexpr auto kExamples = std::to_array<Example>({
    {"", R"(First steps:
  swell demo                                   learn three digits, make images from noise, write a page
  swell ising examples/graph.txt --budget 5s     cut a graph
  swell solve examples/A.mtx examples/b.mtx    linear algebra by fluctuations
  swell help ising                             how to use one command
)"},
    {"demo", R"(  swell demo
  swell demo -o ten -n 1k --seed 7
)"},
    {"train", R"(  swell train whitelam2026 --save digits.safetensors
  swell train whitelam2026 --data mnist --images 7,2,9 --save mine.safetensors
  swell train designs/digits7x7.toml --data designs/digits7x7.idx --chip examples/chip.toml --save on-chip.safetensors
)"},
    {"generate", R"(  swell generate digits.safetensors -n 100 -o images
  swell generate digits.safetensors -n 1e3 --bits 6 --film 0 -o rounded
)"},
    {"rival train", R"(  swell rival train designs/mnist.toml --data mnist --save rival.safetensors     # (hours)
)"},
    {"rival generate", R"(  swell rival generate rival.safetensors --steps 8 -n 100 -o by-network     # (hours)
)"},
    {"judge", R"(  swell judge images --data mnist --report judged.html
  swell judge images/samples.npy --range -1,1 --noise 0.1 --data fashion-mnist
)"},
    {"run", R"(  swell run designs/phi4.toml --protocol relax -n 100 --observe 0.1 -o relaxed
  swell run digits.safetensors --protocol noising -n 1k --snapshots 50steps -o path
)"},
    {"inspect", R"(  swell inspect whitelam2026
  swell inspect digits.safetensors --save couplings.png
)"},
    {"solve", R"(  swell solve examples/A.mtx examples/b.mtx
  swell solve examples/A.mtx examples/b.mtx --tolerance 0.01 --budget 30s -o solved
)"},
    {"inv", R"(  swell inv examples/A.mtx --device spu -o inverse
  swell inv examples/A.mtx --chip examples/chip.toml --chips 50 --report chips.html
)"},
    {"logdet", R"(  swell logdet examples/A.mtx --device exact
)"},
    {"lyapunov", R"(  swell lyapunov examples/A.mtx examples/Q.mtx
)"},
    {"expm", R"(  swell expm examples/A.mtx --t 0.5
)"},
    {"gaussian", R"(  swell gaussian --precision examples/P.mtx -n 10k -o drawn
)"},
    {"ising", R"(  swell ising examples/graph.txt --budget 5s
  swell ising examples/choice.qubo --runs 8 --sweeps 1e4 --solution chosen.txt
)"},
    {"route", R"(  swell route examples/town.streets --map town.svg
  swell route examples/cities.tsp --budget 5s --tour cities.tour
)"},
    {"neural neuron", R"(  swell neural neuron --kT 0.1,1 --times 0.2,1 -o neuron
)"},
    {"neural train",
     R"(  swell neural train designs/cosine.toml --task cos --batch 0 --updates 1500 --rate 0.02 --save cosine.safetensors
  swell neural train designs/classifier.toml --data mnist --budget 5m --save classifier.safetensors
)"},
    {"neural test", R"(  swell neural test cosine.safetensors --task cos -o cosine
  swell neural test classifier.safetensors --data mnist -o classified
)"},
    {"neural compare", R"(  swell neural compare classified/report.json --save compared.svg
)"},
    {"spice", R"(  swell train designs/digits7x7.toml --data designs/digits7x7.idx --save digits7x7.safetensors
  swell spice digits7x7.safetensors --C 1pF --V0 100mV --t0 1us -o board
)"},
    {"compile", R"(  swell compile examples/A.mtx --onto targets/spu8.toml --save held.mtx --report held.html
)"},
    {"circuit", R"(  swell circuit examples/spu8.cir
  swell circuit examples/spu8.cir --duration 1ms --step 10us -n 64 -o spu8
)"},
    {"entropy record", R"(  swell entropy record os -n 1e6 --save os.tape
)"},
    {"entropy check", R"(  swell entropy check os.tape --report check.html
  swell entropy check os --symbol-bits 1 -n 100k
)"},
    {"data", R"(  swell data mnist                        # (downloads)
  swell data fashion-mnist                # (downloads)
)"},
    {"bench", R"(  swell bench --only dense/256/batch8 --time 500ms
)"},
    {"completion", R"(  swell completion bash > swell.bash      # then: source swell.bash
  swell completion zsh > _swell           # into a folder of $fpath
  swell completion fish > swell.fish      # into ~/.config/fish/completions
)"},
    {"help", R"(  swell help neural train
)"},
});

}  // namespace

std::string examples_of(const std::string& command) {
  for (const Example& example : kExamples) {
    if (example.command == command) return std::string(example.lines);
  }
  return "";
}

}  // namespace swell::cmd
