using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using EndToEnd.Sandbox;

namespace EndToEnd.Reliability;

/// <summary>Mutated inputs for every plugin and verb: an answer of the protocol in bounded time, and a host that stays as it was.</summary>
public sealed class FuzzTests
{
    private const int Bounded = 1500;
    private const int Workers = 2;
    private const int Batch = 100;

    private static readonly string[] s_verbs = ["ADD", "ADD", "ADD", "ADD", "DEL", "DEL", "CHECK", "CHECK", "GC", "STATUS", "VERSION"];

    [Fact]
    public void Whatever_the_input_is_the_answer_is_of_the_protocol()
    {
        int inputs = Effort.PerCase(Bounded);
        ConcurrentQueue<string> failures = [];
        Thread[] threads = [.. Enumerable.Range(0, Workers).Select(number => new Thread(() =>
        {
            try
            {
                using Worker worker = new(new Random(Effort.Seed + number), failures);
                for (int left = (inputs + number) / Workers; left > 0; left -= Batch)
                    worker.Run(Math.Min(left, Batch));
            }
            catch (Exception failure)
            {
                failures.Enqueue(failure.ToString());
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();

        Report.End($"fuzz: {inputs} inputs", failures);
    }

    /// <summary>A node of its own, with a root directory where whatever a mutated path names may be written.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly RuntimeSandbox _sandbox = RuntimeSandbox.Start();
        private readonly Random _random;
        private readonly Mutation _mutation;
        private readonly ConcurrentQueue<string> _failures;
        private readonly Caller _caller;
        private int _number;

        public Worker(Random random, ConcurrentQueue<string> failures)
        {
            (_random, _mutation, _failures) = (random, new Mutation(random), failures);
            string root = Path.Combine(_sandbox.Directory, "root"), program = Caller.Compile(_sandbox);
            _ = _sandbox.Run("sh", "-euc", """
                mkdir "$1"
                mount -t tmpfs tmpfs "$1"
                mkdir "$1/proc" "$1/sys" "$1/run" "$1/bin" "$1/etc" "$1/dev"
                cp -d "$2"/* "$3" "$1/bin"
                echo nameserver 10.44.0.1 >"$1/etc/resolv.conf"
                mknod "$1/dev/zero" c 1 5
                mkfifo /run/fifo
                mount --rbind /proc "$1/proc"
                mount --rbind /sys "$1/sys"
                mount --rbind /run "$1/run"
                for device in 0 1; do
                  ip link add dev$device type veth peer name peer$device
                  ip link set dev$device up
                  ip link set peer$device up
                done
                """, "sh", root, _sandbox.Plugins.Path, program);
            _caller = Caller.Start(_sandbox, "/usr/sbin/chroot", root, "/bin/caller");
        }

        public void Dispose()
        {
            _caller.Dispose();
            _sandbox.Dispose();
        }

        /// <summary>Tries so many inputs and looks at the host behind them.</summary>
        public void Run(int inputs)
        {
            int first = _number;
            Pod pod = Pod.Create(_sandbox, "fuzz");
            string before = Host();
            for (; inputs > 0; inputs--)
                Try();
            pod.Delete();
            if (Host() is var after && after != before)
                _failures.Enqueue($"inputs {first} to {_number} changed the host from:\n{before}\nto:\n{after}");
        }

        // Bridges, base chains and chains of subnets stay by intent; what carries an attachment's tag does not.
        private string Host() => _sandbox.Run("bash", "-euc", """
            for bridge in $(ip -o link show type bridge | awk -F '[ :@]+' '{ print $2 }'); do ip link delete "$bridge"; done
            ip -o link show | awk -F '[ :@]+' '{ print "link", $2 }'
            nft list ruleset | grep -E '[0-9a-f]{16}-[0-9a-f]{16}' || true
            ip rule show; ip -6 rule show
            tc qdisc show | grep -v noqueue || true
            """);

        private void Try()
        {
            _number++;
            FuzzSubject subject = FuzzSubject.All[_random.Next(FuzzSubject.All.Count)];
            string verb = s_verbs[_random.Next(s_verbs.Length)];
            (string Name, string Value)[] good =
            [
                ("CNI_CONTAINERID", "c1"), ("CNI_NETNS", "/run/netns/fuzz"), ("CNI_IFNAME", "eth0"), ("CNI_PATH", "/bin"),
                ("CNI_ARGS", "IgnoreUnknown=1"),
            ];
            int chosen = _random.Next(3) == 0 ? _random.Next(good.Length) : -1;
            List<byte[]> mutated = [];
            for (int index = 0; index < good.Length; index++)
            {
                if ((index == chosen ? _mutation.Variable(good[index].Value) : Encoding.UTF8.GetBytes(good[index].Value)) is { } value)
                    mutated.Add([.. Encoding.UTF8.GetBytes(good[index].Name + "="), .. value]);
            }
            byte[] input = chosen >= 0 && _random.Next(2) == 0 ? Encoding.UTF8.GetBytes(subject.Config) : _mutation.Json(subject.Config);
            byte[] command = _random.Next(50) == 0 ? _mutation.Variable(verb) ?? [] : Encoding.UTF8.GetBytes(verb);

            Check(subject.Type, verb, command, mutated, input);
            if (verb != "ADD")
                return;
            Check(subject.Type, "DEL", "DEL"u8.ToArray(), mutated, input);
            // What the mutated DEL would not do the good one does.
            IEnumerable<byte[]> meant = good.Select(static pair => Encoding.UTF8.GetBytes($"{pair.Name}={pair.Value}"));
            Check(subject.Type, "DEL", "DEL"u8.ToArray(), meant, Encoding.UTF8.GetBytes(subject.Config));
        }

        private void Check(string type, string verb, byte[] command, IEnumerable<byte[]> environment, byte[] input)
        {
            byte[][] variables = [[.. "CNI_COMMAND="u8, .. command], .. environment];
            CallResult result = _caller.Call($"/bin/{type}", variables, input);
            string? fault = result switch
            {
                { HasTimedOut: true } => "it hangs",
                { Status: var status } when (status & 0x7f) != 0 => "it crashed",
                { HasSucceeded: false, Code: null } => "it failed without an error of the protocol",
                { Code: 100 } => "code 100",
                _ when (result.Output + result.Error).Contains("   at ", StringComparison.Ordinal) => "a stack trace",
                { HasSucceeded: true } when verb == "ADD" && result.Output.Length > 0 && !IsJson(result.Output) =>
                    "a result that is no JSON",
                _ => null,
            };
            if (fault is null)
                return;
            string given = $"{string.Join(' ', variables.Select(Show))}\n  {Show(input)}";
            _failures.Enqueue($"input {_number}, {type} {verb}: {fault}: {result}\n  {given}");
        }

        private static bool IsJson(string text)
        {
            try
            {
                using JsonDocument document = JsonDocument.Parse(text);
                return document.RootElement.ValueKind == JsonValueKind.Object;
            }
            catch (JsonException)
            {
                return false;
            }
        }

        private static string Show(byte[] bytes)
        {
            IEnumerable<string> letters = bytes.Take(2000)
                .Select(static letter => letter is >= 0x20 and < 0x7f ? $"{(char)letter}" : $"\\x{letter:x2}");
            string text = string.Concat(letters);
            return bytes.Length > 2000 ? $"{text}… ({bytes.Length} bytes)" : text;
        }
    }
}
