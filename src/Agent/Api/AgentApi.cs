using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Cluster.Objects;
using Cluster.Store;
using Linux.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Agent.Api;

/// <summary>
/// What <c>cnictl</c> asks of an agent, over a Unix socket that root alone may connect to. Paths and bodies: docs/cluster.md.
/// </summary>
/// <param name="agent">The agent.</param>
/// <param name="store">The store.</param>
public sealed class AgentApi(NodeAgent agent, IClusterStore store)
{
    // Behind a repair the lease is tried again within a second; a store that is away is a problem that the answer names.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly NetworkActions _networks = new(store, agent.Keys);
    private readonly NodeActions _nodes = new(store, agent.Keys, agent.Self);
    private readonly ReservationActions _reservations = new(store, agent.Keys, agent.View);
    private readonly NodeDescriptions _descriptions = new(agent);

    /// <summary>Adds its paths.</summary>
    public void Map(IEndpointRouteBuilder paths)
    {
        _ = paths.MapGet("/v1/status", context => WriteAsync(context, agent.Report, ApiJson.Default.NodeStatusReport));
        _ = paths.MapGet("/v1/nodes", context => WriteAsync(context, Nodes(), ApiJson.Default.IReadOnlyListNodeEntry));
        _ = paths.MapGet("/v1/blocks", context => WriteAsync(context, Blocks(), ApiJson.Default.IReadOnlyListBlockEntry));
        _ = paths.MapGet("/v1/networks", context => WriteAsync(context, agent.View.Networks, ApiJson.Default.IReadOnlyListNetwork));
        _ = paths.MapPut("/v1/networks/{name}", context => AnswerAsync(context, CreateNetworkAsync));
        _ = paths.MapDelete("/v1/networks/{name}", context => AnswerAsync(context, DeleteNetworkAsync));
        _ = paths.MapGet("/v1/nodes/{name}", context => AnswerAsync(context, DescribeNodeAsync));
        _ = paths.MapPost("/v1/nodes/{name}/forget", context => AnswerAsync(context, ForgetNodeAsync));
        _ = paths.MapPost("/v1/nodes/{name}/repair", context => AnswerAsync(context, RepairNodeAsync));
        _ = paths.MapGet("/v1/mtu", context => WriteAsync(context, _descriptions.DescribeMtu(), ApiJson.Default.MtuReport));
        _ = paths.MapGet(
            "/v1/reservations", context => WriteAsync(context, _reservations.List(), ApiJson.Default.IReadOnlyListReservationEntry));
        _ = paths.MapPut("/v1/reservations/{name}", context => AnswerAsync(context, ReserveAsync));
        _ = paths.MapDelete("/v1/reservations/{name}", context => AnswerAsync(context, ReleaseAsync));
        _ = paths.MapGet("/healthz", static context => context.Response.WriteAsync("ok\n"));
        _ = paths.MapGet("/readyz", WriteReadinessAsync);
        _ = paths.MapGet("/metrics", context => context.Response.WriteAsync(AgentMetrics.Write(agent)));
    }

    private List<NodeEntry> Nodes()
    {
        Dictionary<string, Node> alive = agent.View.Nodes.ToDictionary(static node => node.Metadata.Name);
        ILookup<string, IpPrefix> blocks = agent.View.Blocks.Values.SelectMany(static owners => owners)
            .ToLookup(static owner => owner.Node, static owner => owner.Block);
        return
        [
            .. alive.Keys.Union(blocks.Select(static node => node.Key)).Order(StringComparer.Ordinal).Select(name => new NodeEntry(
                name,
                alive.ContainsKey(name),
                [.. (alive.GetValueOrDefault(name)?.InternalAddresses ?? []).Select(IpText.Format)],
                alive.GetValueOrDefault(name)?.AgentVersion ?? "",
                blocks[name].Count())),
        ];
    }

    private List<BlockEntry> Blocks()
    {
        HashSet<string> alive = [.. agent.View.Nodes.Select(static node => node.Metadata.Name)];
        return
        [
            .. agent.View.Blocks.OrderBy(static network => network.Key, StringComparer.Ordinal).SelectMany(network => network.Value
                .OrderBy(static owner => owner.Block.Address.ToUInt128())
                .Select(owner => new BlockEntry(network.Key, $"{owner.Block}", owner.Node, alive.Contains(owner.Node)))),
        ];
    }

    private async Task CreateNetworkAsync(HttpContext context)
    {
        using MemoryStream body = new();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Network network = ObjectJson.ReadNetwork(body.ToArray(), out string? problem)
            ?? throw new ApiException(StatusCodes.Status400BadRequest, $"the network cannot be read: {problem}");
        await _networks.CreateAsync(network, isForced: context.Request.Query.ContainsKey("force"), context.RequestAborted);
    }

    private Task DeleteNetworkAsync(HttpContext context) => _networks.DeleteAsync(NameIn(context), context.RequestAborted);

    private async Task ForgetNodeAsync(HttpContext context) =>
        await WriteAsync(context, await _nodes.ForgetAsync(NameIn(context), context.RequestAborted), ApiJson.Default.ForgottenNode);

    private Task DescribeNodeAsync(HttpContext context) =>
        WriteAsync(context, _descriptions.Describe(NameIn(context)), ApiJson.Default.NodeDescription);

    private async Task RepairNodeAsync(HttpContext context)
    {
        string name = NameIn(context);
        List<string> done = [.. await _nodes.TakeOverAsync(name, context.RequestAborted)];
        if (name == agent.Report.Node)
            done.AddRange(await LookAgainAsync(context.RequestAborted));
        await WriteAsync(
            context, new RepairedNode(name, done, _descriptions.Describe(name).Problems), ApiJson.Default.RepairedNode);
    }

    /// <summary>What cannot be done now stands among the problems.</summary>
    private async Task<IReadOnlyList<string>> LookAgainAsync(CancellationToken cancel)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        end.CancelAfter(s_patience);
        try
        {
            return await agent.LookAgainAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return [];
        }
    }

    private async Task ReserveAsync(HttpContext context)
    {
        ReservationEntry reserved = await _reservations.ReserveAsync(
            NameIn(context), context.Request.Query["network"], context.Request.Query["comment"], context.RequestAborted);
        await WriteAsync(context, reserved, ApiJson.Default.ReservationEntry);
    }

    private Task ReleaseAsync(HttpContext context) =>
        _reservations.ReleaseAsync(NameIn(context), context.Request.Query["network"], context.RequestAborted);

    private Task WriteReadinessAsync(HttpContext context)
    {
        context.Response.StatusCode = agent.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(agent.IsReady ? "ok\n" : string.Join('\n', [.. agent.Report.Problems, ""]));
    }

    private static string NameIn(HttpContext context) => (string)context.Request.RouteValues["name"]!;

    private static async Task AnswerAsync(HttpContext context, Func<HttpContext, Task> act)
    {
        try
        {
            await act(context);
        }
        catch (ApiException e)
        {
            await FailAsync(context, e.Status, e.Message);
        }
        catch (StoreException e)
        {
            await FailAsync(context, StatusCodes.Status503ServiceUnavailable, e.Message);
        }
    }

    private static Task FailAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        return WriteAsync(context, new ApiError(message), ApiJson.Default.ApiError);
    }

    private static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type)
    {
        context.Response.ContentType = "application/json";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }
}
