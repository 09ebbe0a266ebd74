using System.CommandLine;
using System.Text.Json;
using Agent.Api;
using CniAgent.Output;

namespace CniAgent.Commands;

/// <summary>The commands of <c>cnictl</c> about addresses that no pod is given.</summary>
/// <param name="connect">Reaches the agent.</param>
internal sealed class ReservationCommands(Func<ParseResult, AgentClient> connect)
{
    private readonly Option<bool> _json = new("--json") { Description = "as JSON" };
    private readonly Option<string?> _network = new("--network") { Description = "the network; without it, the one that has the address" };
    private readonly Argument<string> _address = new("address") { Description = "an address of a network's pool" };

    /// <summary><c>cnictl reserve ADDRESS</c>, <c>unreserve</c> and <c>reservations</c>.</summary>
    public IEnumerable<Command> Make() => [MakeReserve(), MakeUnreserve(), MakeList()];

    private Command MakeReserve()
    {
        Option<string?> comment = new("--comment") { Description = "what it is for" };
        Command command = new("reserve", "keep an address from being given to a pod") { _address, _network, comment, _json };
        command.SetAction(async (arguments, cancel) =>
        {
            using AgentClient agent = connect(arguments);
            string query = Query(("network", arguments.GetValue(_network)), ("comment", arguments.GetValue(comment)));
            ReservationEntry reserved = await agent.SendAsync(
                HttpMethod.Put, PathOf(arguments) + query, ApiJson.Default.ReservationEntry, cancel);
            await Console.Out.WriteLineAsync(arguments.GetValue(_json)
                ? JsonSerializer.Serialize(reserved, ApiJson.Default.ReservationEntry)
                : $"{reserved.Address} of network {reserved.Network} reserved; {Explain(reserved)}");
            return 0;
        });
        return command;
    }

    private Command MakeUnreserve()
    {
        Command command = new("unreserve", "let pods have an address again") { _address, _network };
        command.SetAction(async (arguments, cancel) =>
        {
            using AgentClient agent = connect(arguments);
            await agent.DoAsync(
                HttpMethod.Delete, PathOf(arguments) + Query(("network", arguments.GetValue(_network))), null, cancel);
            await Console.Out.WriteLineAsync($"{arguments.GetValue(_address)} is no longer reserved");
            return 0;
        });
        return command;
    }

    private Command MakeList()
    {
        Command command = new("reservations", "addresses that no pod is given") { _json };
        command.SetAction(async (arguments, cancel) =>
        {
            using AgentClient agent = connect(arguments);
            IReadOnlyList<ReservationEntry> all = await agent.GetAsync(
                "v1/reservations", ApiJson.Default.IReadOnlyListReservationEntry, cancel);
            await Console.Out.WriteAsync(arguments.GetValue(_json)
                ? $"{JsonSerializer.Serialize(all, ApiJson.Default.IReadOnlyListReservationEntry)}\n"
                : Format(all));
            return 0;
        });
        return command;
    }

    private static string Format(IReadOnlyList<ReservationEntry> all)
    {
        Table table = new("NETWORK", "ADDRESS", "STATE", "NODE", "COMMENT");
        foreach (ReservationEntry reserved in all)
            table.Add(reserved.Network, reserved.Address, reserved.State, reserved.Node.Length > 0 ? reserved.Node : "-", reserved.Comment);
        return table.ToString();
    }

    private static string Explain(ReservationEntry reserved) => reserved.State switch
    {
        "kept" => $"node {reserved.Node}, which has its block, gives it to nobody",
        "free" => "no node has its block yet",
        "away" => $"node {reserved.Node}, which has its block, is away: whether a pod holds it shows when that node is back",
        _ => $"node {reserved.Node}, which has its block, has not answered yet: cnictl reservations shows when it has",
    };

    private string PathOf(ParseResult arguments) => $"v1/reservations/{Uri.EscapeDataString(arguments.GetValue(_address)!)}";

    private static string Query(params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        List<string> parts = [];
        foreach ((string name, string? value) in parameters)
        {
            if (value is not null)
                parts.Add($"{name}={Uri.EscapeDataString(value)}");
        }
        return parts.Count > 0 ? $"?{string.Join('&', parts)}" : "";
    }
}
