using System.CommandLine;
using System.Net.Sockets;
using System.Text.Json;
using Agent.Api;
using CniAgent.Mtu;
using CniAgent.Output;

namespace CniAgent.Commands;

/// <summary><c>cnictl mtu</c>: how large packets of pods are, and whether the ways to other nodes carry them.</summary>
internal static class MtuCommand
{
    /// <summary>Makes it.</summary>
    /// <param name="connect">Reaches the agent.</param>
    public static Command Make(Func<ParseResult, AgentClient> connect)
    {
        Option<bool> check = new("--check")
        {
            Description = "send echo requests of many sizes to each node that is alive; exit status 1 if pods' MTU is too large for a way",
        };
        Option<bool> json = new("--json") { Description = "as JSON" };
        Command command = new("mtu", "how large packets of pods may be") { check, json };
        command.SetAction(async (arguments, cancel) =>
        {
            using AgentClient agent = connect(arguments);
            MtuReport report = await agent.GetAsync("v1/mtu", ApiJson.Default.MtuReport, cancel);
            if (!arguments.GetValue(check))
            {
                await Console.Out.WriteAsync(arguments.GetValue(json)
                    ? $"{JsonSerializer.Serialize(report, ApiJson.Default.MtuReport)}\n"
                    : Format(report));
                return 0;
            }
            MtuCheck found = await CheckAsync(report, cancel);
            await Console.Out.WriteAsync(arguments.GetValue(json)
                ? $"{JsonSerializer.Serialize(found, CommandJson.Default.MtuCheck)}\n"
                : Format(found));
            return found.Problems.Count == 0 ? 0 : 1;
        });
        return command;
    }

    private static async Task<MtuCheck> CheckAsync(MtuReport report, CancellationToken cancel)
    {
        try
        {
            return await MtuCheck.RunAsync(report, cancel);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new CommandException("echo requests need the capability CAP_NET_RAW: run this with sudo", e);
        }
    }

    private static string Format(MtuReport report)
    {
        Table table = new("NODE", "WAY", "OVERHEAD", "HOST");
        foreach (MtuPath path in report.Paths)
            table.Add(path.Node, path.Way, $"{path.Overhead}", path.Host);
        return $"{Head(report.Mtu)}{(report.Paths.Count > 0 ? $"\n{table}" : "")}";
    }

    private static string Format(MtuCheck found)
    {
        Table table = new("NODE", "WAY", "UNDERLAY", "OVERLAY", "FITS", "HOST");
        foreach (PathMtu path in found.Paths)
            table.Add(path.Node, path.Way, Bytes(path.Underlay), Bytes(path.Overlay), Bytes(path.Fits), path.Host);
        string outcome = found.Paths.Count == 0 ? "there is no way to another node that is alive\n"
            : found.Problems.Count == 0 ? "all ways carry it\n"
            : string.Concat(found.Problems.Select(static problem => $"problem: {problem}\n"));
        return Head(found.Mtu) + outcome + (found.Paths.Count > 0 ? $"\n{table}" : "");
    }

    private static string Head(int? mtu) => mtu is { } bytes ? $"pods have MTU {bytes}\n" : "the MTU of pods is not known yet\n";

    private static string Bytes(int? bytes) => bytes is { } known ? $"{known}" : "-";
}
