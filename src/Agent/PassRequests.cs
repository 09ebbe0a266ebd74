namespace Agent;

/// <summary>Those who wait for a look at everything that begins after they asked.</summary>
internal sealed class PassRequests
{
    private readonly Lock _gate = new();
    private List<TaskCompletionSource<IReadOnlyList<string>>> _waiting = [];

    /// <summary>Asks for a look.</summary>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>What the look has done, when it has ended.</returns>
    public Task<IReadOnlyList<string>> Add(CancellationToken cancel)
    {
        TaskCompletionSource<IReadOnlyList<string>> request = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _waiting.Add(request);
        return request.Task.WaitAsync(cancel);
    }

    /// <summary>Begins a look for all who have asked until now.</summary>
    public Pass Begin()
    {
        lock (_gate)
        {
            Pass pass = new(this, _waiting);
            _waiting = [];
            return pass;
        }
    }

    private void Return(List<TaskCompletionSource<IReadOnlyList<string>>> requests)
    {
        lock (_gate)
            _waiting.AddRange(requests);
    }

    /// <summary>A look at everything. One that fails leaves those who asked to wait for the next.</summary>
    public sealed class Pass(PassRequests requests, List<TaskCompletionSource<IReadOnlyList<string>>> asked) : IDisposable
    {
        private bool _isComplete;

        /// <summary>Says what was done.</summary>
        public void Complete(IReadOnlyList<string> done)
        {
            _isComplete = true;
            foreach (TaskCompletionSource<IReadOnlyList<string>> request in asked)
                request.SetResult(done);
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (!_isComplete)
                requests.Return(asked);
        }
    }
}
